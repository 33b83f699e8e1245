import { functionsFor, httpRouter } from "invex/server";
import schema from "./schema";

const { httpAction } = functionsFor(schema);

const http = httpRouter();

http.route({
  path: "/hello",
  method: "POST",
  handler: httpAction(async (_ctx, request) => new Response(`Hello, ${await request.text()}!`)),
});

export default http;
