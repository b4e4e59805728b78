// The mark of the product, drawn in the page so that it needs no request. index.html has it, too.

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 20c3.5 0 3.5-8 9-8s5.5 8 9 8" />
      <circle cx="16" cy="12" r="2.6" />
    </svg>
  );
}
