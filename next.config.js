/** @type {import('next').NextConfig} */
export default {
  // Our own Node server (server/main.ts) sets the security headers and hands pages to Next.
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` is the one place that type-checks; building twice would only be slower.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
};
