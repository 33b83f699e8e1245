import { httpRouter } from "convex/server";
import { api } from "./_generated/api";
import { httpAction } from "./_generated/server";

const http = httpRouter();

http.route({
  path: "/notes",
  method: "POST",
  handler: httpAction(async (ctx, request) => {
    const { text } = await request.json();
    const url = new URL(request.url);
    const author = url.searchParams.get("author") ?? "web";
    const id = await ctx.runMutation(api.notes.add, { text, author });
    return Response.json({ id }, { status: 201, headers: { "X-Author": author } });
  }),
});

http.route({
  pathPrefix: "/who/",
  method: "GET",
  handler: httpAction(async (ctx, request) => {
    const identity = await ctx.auth.getUserIdentity();
    const metadata = await ctx.meta.getRequestMetadata();
    return Response.json({
      name: identity?.name ?? null,
      path: new URL(request.url).pathname,
      key: request.headers.get("Authorization"),
      ip: metadata.ip,
    });
  }),
});

http.route({
  path: "/broken",
  method: "GET",
  handler: httpAction(async () => {
    throw new Error("a broken route");
  }),
});

export default http;
