// A page that was open while the server got a new version: the files it would fetch next are gone.

const reloadedFor = "flux-reloaded-for";

/** Loads the page anew when one of its files is missing, once for each file, so that a server without it is no endless loop. */
export function followNewVersions(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const file = event.payload.message;
    if (window.sessionStorage.getItem(reloadedFor) === file) return;
    window.sessionStorage.setItem(reloadedFor, file);
    event.preventDefault();
    window.location.reload();
  });
}
