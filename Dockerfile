# Everything is installed with the lock file; the packages bring their binaries, and
# only kernels and pages are built. The tests' packages stay out.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# Kernels of the recommender and pages need compilers, which stay here.
FROM node:24-slim AS built
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY gen gen
COPY src src
RUN node src/recommendations/model/kernels/build.ts && node src/pages/build.ts

FROM node:24-slim
ENV NODE_ENV=production MARQUEE_HOST=0.0.0.0 MARQUEE_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=built /app/dist dist
COPY gen gen
COPY src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://localhost:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm: the server itself gets the signal to stop.
CMD ["node", "src/bin.js", "serve"]
