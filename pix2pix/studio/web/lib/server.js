// The server's functions as every tab calls them: they always answer, also when the server is away.

/** What a call gives when nothing came back; `busy` has what keeps in step with the drawing try again. */
export const LOST = { error: "The server cannot be reached.", busy: true };

/** The functions of a part of the page. Gradio's own reject, or give nothing, when the network fails; these give `LOST`. */
export function answering(server) {
  return new Proxy(server, {
    get: (functions, name) => async (request) => (await Promise.resolve(functions[name](request)).catch(() => null)) ?? LOST,
  });
}
