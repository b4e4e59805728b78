# flux-auth with its pages, as an image: docs/deployment.md.

# The version that package.json pins for everything else.
FROM node:24.21.0-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps/auth/package.json apps/auth/
COPY apps/cli/package.json apps/cli/
COPY apps/dashboard/package.json apps/dashboard/
COPY benchmarks/package.json benchmarks/
COPY packages/admin-api/package.json packages/admin-api/
COPY packages/guard/package.json packages/guard/
COPY packages/telemetry/package.json packages/telemetry/
COPY packages/verify/package.json packages/verify/

FROM manifests AS pages
RUN npm ci --workspace=apps/dashboard --include=dev --ignore-scripts --no-audit --no-fund
COPY packages packages
COPY tsconfig.json ./
COPY apps/dashboard apps/dashboard
RUN cd apps/dashboard && node ../../node_modules/vite/bin/vite.js build --configLoader=native --outDir=dist

FROM manifests AS server
# No script of a dependency runs: the native modules come built, and the runtime is the image's own.
RUN npm ci --workspace=apps/auth --omit=dev --ignore-scripts --no-audit --no-fund
COPY packages packages
COPY apps/auth apps/auth
COPY --from=pages /app/apps/dashboard/dist apps/dashboard/dist
# Types are stripped here, once, and not in the memory of each process: see tools/warm.mjs.
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN node --max-semi-space-size=4 --heap-growing-percent=25 --expose-gc --input-type=module --eval 'await import("/app/apps/auth/src/main.ts"); process.exit()'

FROM node:24.21.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache DATA_DIR=/data PORT=3001
# Owned by root, so that the server cannot change what it runs.
COPY --from=server /app /app
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data
USER node
EXPOSE 3001
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["node", "--eval", "fetch('http://127.0.0.1:3001/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=25", "--expose-gc", "apps/auth/src/main.ts"]
