// Every refusal carries a code; a library's that comes without one gets that of its status.

const codes: { readonly [status: number]: string } = {
  400: "INVALID",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

export async function withCode(response: Response): Promise<Response> {
  const { status } = response;
  if (status < 400) return response;
  const body = readObject(await response.clone().text());
  if (typeof body.code === "string") return response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const code = codes[status] ?? (status < 500 ? "INVALID" : "INTERNAL");
  return Response.json({ ...body, code }, { status, headers });
}

function readObject(text: string): { readonly code?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
