// Refuses bodies that are no JSON by their type: a form's fields would be taken for fields that are missing.

import type { MiddlewareHandler } from "hono";

/** Where some providers lead back to with a form, https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html */
const takesForms = /\/callback\//;

export const jsonOnlyMiddleware: MiddlewareHandler = async (c, next) => {
  const [type = ""] = (c.req.header("content-type") ?? "").split(";");
  const isForm = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)$/i.test(type.trim());
  if (!isForm || c.req.header("content-length") === "0" || takesForms.test(c.req.path)) return next();
  const message = "Send JSON, with the header content-type: application/json.";
  return c.json({ code: "UNSUPPORTED_MEDIA_TYPE", message }, 415);
};
