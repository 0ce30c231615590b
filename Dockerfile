# Builds the product and its dependencies; nothing of this stage but their files goes into the image.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY sandbox ./sandbox
COPY bundler ./bundler
# The attacks of isohost doctor.
COPY test/hostile ./test/hostile
RUN node bundler/build-package.ts \
  && npm prune --omit=dev --ignore-scripts \
  # Prebuilt for other systems, and sources.
  && find node_modules/isolated-vm/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -r {} + \
  && rm -rf node_modules/isolated-vm/src node_modules/isolated-vm/vendor

FROM debian:13-slim
# Node needs both.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libatomic1 libstdc++6 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 1000 --no-create-home --shell /usr/sbin/nologin isohost
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY functions ./functions
# Settings of the examples; a file of your own goes in its place.
COPY isohost.config.json ./
COPY LICENSE ./
ENV NODE_ENV=production \
  ISOHOST_HOST=0.0.0.0 \
  # Halves the memory that the C library keeps after isolates are gone.
  MALLOC_ARENA_MAX=2
USER 1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--no-node-snapshot", "/app/dist/src/cli.js"]
CMD ["start", "/app/functions"]
