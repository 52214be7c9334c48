/**
 * The page for as long as the database is away: it needs neither scripts nor the database, and asks again by itself
 * (the answer carries a Refresh header).
 */
export const unavailablePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back in a moment · Attune Studio</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f8fafc, #0b1120); color: light-dark(#0f172a, #e2e8f0); }
main { max-width: 28rem; padding: 2rem; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
p { margin: 0; color: light-dark(#475569, #94a3b8); }
</style>
</head>
<body>
<main>
<h1>The studio is waiting for its database</h1>
<p>Nothing is lost. This page opens by itself as soon as the database answers again.</p>
</main>
</body>
</html>
`;
