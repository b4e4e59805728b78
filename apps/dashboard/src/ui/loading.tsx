// What stands in a page's place until it is there; said to a screen reader only when it takes long.

export function Loading() {
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>Loading…</span>
    </p>
  );
}
