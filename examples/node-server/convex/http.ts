import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";

const http = httpRouter();

http.route({
  path: "/hello",
  method: "POST",
  handler: httpAction(async (_ctx, request) => new Response(`Hello, ${await request.text()}!`)),
});

export default http;
