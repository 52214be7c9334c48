// `npm run bench -- canvas`: how fluidly a large workflow is edited, beside a plain React Flow page with as many nodes.
//   --only=500             some of the sizes (Default: 50,500,1500)
//   --rounds=3             how often each gesture is measured
//   --json  --strict       as for the other suites
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { root } from './paths.mjs';
import { bold, dim, green, red, say, step, Trouble } from './progress.mjs';

const goals = { frames: 0.8, delayMs: 50, openMs: 1500 };
const gestureMs = 2000;
const pace = 16;
const viewport = { width: 1440, height: 900 };

/** A task in every place of a grid, each leading to the one below. */
function makeGraph(size) {
  const columns = Math.ceil(Math.sqrt(size * 0.6));
  const places = Array.from({ length: size }, (_, index) => ({
    name: `task_${index}`,
    below: index + columns < size ? `task_${index + columns}` : null,
    x: (index % columns) * 288,
    y: Math.floor(index / columns) * 168,
  }));
  return {
    definition: {
      tasks: places.map(({ name, below }) => ({
        name,
        action: 'core.echo',
        input: { message: `{{ parameters.host | default('nobody') }} of ${name}` },
        next: below ? [{ when: '{{ succeeded() }}', do: [below] }] : [],
      })),
    },
    positions: Object.fromEntries(places.map(({ name, x, y }) => [name, { x, y }])),
    floor: {
      nodes: places.map(({ name, x, y }) => ({
        id: name,
        position: { x, y },
        data: { label: name },
        width: 240,
        height: 84,
      })),
      edges: places.flatMap(({ name, below }) =>
        below ? [{ id: `${name} ${below}`, source: name, target: below }] : [],
      ),
    },
  };
}

/** Counts frames, long tasks and delays in the page, between `start` and `stop`. */
function probe() {
  let log = null;
  const frame = (at) => {
    if (!log) return;
    log.frames.push(at);
    requestAnimationFrame(frame);
  };
  const note = (event) => log?.delays.push(performance.now() - event.timeStamp);
  for (const kind of ['pointermove', 'pointerdown', 'wheel', 'keydown'])
    window.addEventListener(kind, note, { capture: true, passive: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) log?.longTasks.push(duration);
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) log?.paints.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  window.probe = {
    start: () => {
      log = { frames: [], delays: [], longTasks: [], paints: [] };
      requestAnimationFrame(frame);
    },
    stop: () => {
      const done = log;
      log = null;
      return done;
    },
  };
  // When the page had its frame, and when the canvas had its first card in it.
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.react-flow__node')) return;
    window.openedAt = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const at = (values, part) =>
  values.length === 0
    ? 0
    : values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** Sends input at the pace of a screen whether or not the page keeps up, as a hand does. */
async function paced(count, act) {
  const sent = [];
  for (let index = 0; index < count; index += 1) {
    sent.push(act(index));
    await sleep(pace);
  }
  await Promise.all(sent);
}

const circle = ({ x, y }, index, radius) => [
  x + radius * Math.sin(index / 9),
  y + radius * (1 - Math.cos(index / 9)),
];

const moves = Math.round(gestureMs / pace);
const gestures = {
  pan: async (page, ground) => {
    await page.mouse.move(ground.x, ground.y);
    await page.mouse.down({ button: 'middle' });
    await paced(moves, (index) => page.mouse.move(...circle(ground, index, 90)));
    await page.mouse.up({ button: 'middle' });
  },
  zoom: async (page, ground) => {
    await page.mouse.move(ground.x, ground.y);
    await page.keyboard.down('Control');
    await paced(moves, (index) => page.mouse.wheel(0, index % 40 < 20 ? -24 : 24));
    await page.keyboard.up('Control');
  },
  'drag one': async (page, _, card) => {
    await page.mouse.move(card.x, card.y);
    await page.mouse.down();
    await paced(moves, (index) => page.mouse.move(...circle(card, index, 40)));
    await page.mouse.up();
  },
  'move all': async (page, ground, card, isOurs) => {
    await page.mouse.move(ground.x, ground.y);
    if (isOurs) await page.keyboard.press('ControlOrMeta+a');
    await page.mouse.move(card.x, card.y);
    await page.mouse.down();
    await paced(moves, (index) => page.mouse.move(...circle(card, index, 40)));
    await page.mouse.up();
  },
};

/** The card that is nearest to the middle of the canvas. */
const nearestCard = (page) =>
  page.evaluate(() => {
    const box = document.querySelector('.react-flow__pane').getBoundingClientRect();
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const cards = [...document.querySelectorAll('.react-flow__node')].map((node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      return { x: x + width / 2, y: y + height * 0.3 };
    });
    const far = (one) => Math.hypot(one.x - middle.x, one.y - middle.y);
    return cards.toSorted((a, b) => far(a) - far(b))[0];
  });

async function measureGesture(page, gesture, isOurs) {
  const pane = await page.locator('.react-flow__pane').boundingBox();
  const card = await nearestCard(page);
  const ground = { x: pane.x + 30, y: pane.y + 30 };
  await page.evaluate(() => window.probe.start());
  await gestures[gesture](page, gesture === 'zoom' ? card : ground, card, isOurs);
  const { frames, delays, longTasks } = await page.evaluate(() => window.probe.stop());
  const seconds = (frames.at(-1) - frames[0]) / 1000;
  const result = {
    framesPerSecond: (frames.length - 1) / seconds,
    worstFrameMs: Math.max(...frames.slice(1).map((one, index) => one - frames[index])),
    longTasks: longTasks.length,
    delayP95: at(delays, 0.95),
  };
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  await sleep(400);
  return result;
}

async function measureTyping(page) {
  const card = await nearestCard(page);
  await page.mouse.click(card.x, card.y);
  const field = page
    .locator(
      '[data-field="message"] input, [data-field="message"] textarea, [data-field="message"] [role="textbox"]',
    )
    .first();
  await field.waitFor({ timeout: 20_000 });
  // Monaco draws its text over the field that it types into.
  await field.focus();
  await page.keyboard.press('End');
  await sleep(600);
  await page.evaluate(() => window.probe.start());
  await paced(60, (index) => (index % 4 === 0 ? page.keyboard.press('x') : Promise.resolve()));
  await sleep(900);
  const { frames, delays, longTasks, paints } = await page.evaluate(() => window.probe.stop());
  await page.keyboard.press('Escape');
  return {
    framesPerSecond: (frames.length - 1) / ((frames.at(-1) - frames[0]) / 1000),
    worstFrameMs: Math.max(...frames.slice(1).map((one, index) => one - frames[index])),
    longTasks: longTasks.length,
    delayP95: at(delays, 0.95),
    paintP95: at(paints, 0.95),
  };
}

async function floorPage(context, script, css, graph) {
  const page = await context.newPage();
  await page.addInitScript(probe);
  await page.setViewportSize({ width: 590, height: 780 });
  await page.route('http://floor.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><style>html,body,#root{margin:0;height:100%}${css}</style><div id="root"></div><script>window.graph=${JSON.stringify(graph)}</script><script>${script}</script>`,
    }),
  );
  await page.goto('http://floor.test/');
  await page.waitForSelector('.react-flow__node');
  await sleep(500);
  return page;
}

async function measureSize(context, address, size, rounds, floorCode) {
  const graph = makeGraph(size);
  const ref = `bench.size_${size}`;
  const call = async (name, data) => {
    const answer = await context.request.post(`${address}/trpc/${name}`, {
      data,
      headers: { 'x-attune': '1' },
    });
    if (!answer.ok()) throw new Trouble(`${name}: ${await answer.text()}`);
  };
  await call('workflows.create', { packRef: 'bench', ref, label: `${size} tasks` });
  await call('workflows.saveDraft', {
    ref,
    draftVersion: 1,
    definition: graph.definition,
    layout: { positions: graph.positions },
  });
  const ours = await context.newPage();
  await ours.addInitScript(probe);
  await ours.setViewportSize(viewport);
  const url = `${address}/workflows/${ref}`;
  const opens = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    await ours.goto(url);
    await ours.waitForSelector('.react-flow__node-task');
    const took = await ours.evaluate(
      () => window.openedAt - performance.getEntriesByName('first-contentful-paint')[0].startTime,
    );
    // The first one fills the browser's cache.
    if (round > 0) opens.push(took);
  }
  await sleep(800);
  const floor = await floorPage(context, floorCode.script, floorCode.css, graph.floor);
  const rows = [];
  for (const gesture of Object.keys(gestures)) {
    const results = { ours: [], floor: [] };
    for (let round = 0; round < rounds; round += 1) {
      await floor.bringToFront();
      if (gesture === 'move all') await selectAllOfFloor(floor);
      results.floor.push(await measureGesture(floor, gesture, false));
      await ours.bringToFront();
      results.ours.push(await measureGesture(ours, gesture, true));
    }
    rows.push({ size, gesture, ...results });
  }
  await ours.bringToFront();
  rows.push({ size, gesture: 'typing', ours: [await measureTyping(ours)], floor: [] });
  await floor.close();
  await ours.close();
  return { size, openMs: at(opens, 0.5), rows };
}

async function selectAllOfFloor(page) {
  await page.mouse.move(4, 4);
  await page.mouse.down();
  await page.mouse.move(300, 400, { steps: 3 });
  await page.mouse.move(586, 776, { steps: 3 });
  await page.mouse.up();
}

const middleOf = (results, key) =>
  at(
    results.map((each) => each[key]),
    0.5,
  );
const mark = (isMet) => (isMet ? green('✓') : red('✗'));

function report({ size, openMs, rows }) {
  say(bold(`  ${size} tasks`));
  const checks = [];
  const judge = (isGoal, isMet) => {
    if (!isGoal) return dim('no goal');
    checks.push(isMet);
    return mark(isMet);
  };
  say(
    `    open, after the page's shell: ${openMs.toFixed(0)} ms ${judge(size === 500, openMs <= goals.openMs)}`,
  );
  for (const { gesture, ours, floor } of rows) {
    const frames = middleOf(ours, 'framesPerSecond');
    const plain = middleOf(floor, 'framesPerSecond');
    const delay = middleOf(ours, 'delayP95');
    const ratio = floor.length > 0 ? frames / plain : null;
    const beside =
      ratio === null
        ? `next paint p95 ${middleOf(ours, 'paintP95').toFixed(0)} ms`
        : `${ratio.toFixed(2)}× of ${plain.toFixed(1)} ${judge(size === 500, ratio >= goals.frames)}`;
    say(
      `    ${gesture.padEnd(9)} ${frames.toFixed(1)} frames/s, ${beside}; input delay p95 ${delay.toFixed(1)} ms ${judge(size === 500, delay <= goals.delayMs)}; ` +
        dim(
          `worst frame ${middleOf(ours, 'worstFrameMs').toFixed(0)} ms, long tasks ${middleOf(ours, 'longTasks')}` +
            (ratio === null
              ? ''
              : ` (plain: delay ${middleOf(floor, 'delayP95').toFixed(1)} ms, ${middleOf(floor, 'worstFrameMs').toFixed(0)} ms, ${middleOf(floor, 'longTasks')})`),
        ),
    );
  }
  return checks;
}

async function bundleFloor() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'scripts/bench-canvas-floor.mjs')],
    bundle: true,
    write: false,
    outdir: 'floor',
    minify: true,
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const of = (end) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return { script: of('.js').replaceAll('</script', '<\\/script'), css: of('.css') };
}

/** Measures and prints. Gives whether all goals are met. */
export async function measureCanvas({ only, rounds, json }) {
  const sizes = (only || '50,500,1500').split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 2 || size > 5000))
    throw new Trouble('--only takes numbers of tasks from 2 to 5000, as in --only=500.');
  const executablePath = await findBrowser();
  const { buildAll } = await import('./build.mjs');
  const { ensureDatabase } = await import('./postgres.mjs');
  const { setUp, studioEnvironment, webProcess } = await import('./studio.mjs');
  const { startTestCluster, testAdmin } = await import('./test-database.mjs');
  const { chromium } = await import('playwright');
  await buildAll();
  const floorCode = await bundleFloor();
  const cluster = await step('A Postgres of its own', () => startTestCluster());
  const home = mkdtempSync(path.join(tmpdir(), 'attune-bench-canvas-'));
  const runFolder = path.join(home, 'run');
  mkdirSync(runFolder);
  let web = null;
  let browser = null;
  try {
    await ensureDatabase(cluster.adminUrl, 'attune_bench_canvas');
    const env = {
      ...studioEnvironment({
        databaseUrl: Object.assign(new URL(cluster.adminUrl), { pathname: '/attune_bench_canvas' }).href,
        home,
      }),
      ATTUNE_ADMIN_LOGIN: testAdmin.login,
      ATTUNE_ADMIN_PASSWORD: testAdmin.password,
    };
    const port = Number(process.env['ATTUNE_E2E_PORT'] ?? 4174);
    web = webProcess({ env, host: '127.0.0.1', port, logFolder: runFolder, runFolder });
    await setUp(env);
    await web.start();
    browser = await chromium.launch({
      ...(executablePath === null ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const context = await browser.newContext({ viewport, bypassCSP: true });
    const post = (name, data) =>
      context.request.post(`${web.address}/trpc/${name}`, { data, headers: { 'x-attune': '1' } });
    await post('auth.signIn', { login: testAdmin.login, password: testAdmin.password });
    await post('packs.create', { ref: 'bench', label: 'Bench' });
    const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0].toFixed(2)} at the start`;
    say(`${bold(machine)}\n`);
    const results = [];
    for (const size of sizes)
      results.push(
        await step(`${size} tasks`, () => measureSize(context, web.address, size, rounds, floorCode), {
          slow: true,
        }),
      );
    const checks = results.flatMap(report);
    say(`${checks.filter(Boolean).length} of ${checks.length} goals met`);
    if (json) return { document: { suite: 'canvas', machine, results }, isAllMet: checks.every(Boolean) };
    return { document: null, isAllMet: checks.every(Boolean) };
  } finally {
    await browser?.close();
    await web?.stop(10_000);
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
