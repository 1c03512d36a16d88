// The report page: reads the embedded JSON and shows it. No framework, no build step, no network.
//
// Order: data, numbers and words, the page's parts (figures, charts, activities, inputs), then
// what ties them together (time range, cursor, keyboard, print).
(() => {
  'use strict';

  // ── Data ────────────────────────────────────────────────────────────────────────────────────

  const report = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);

  /** A column as numbers, NaN where there is none. */
  function unpack(column, length) {
    const values = new Float64Array(length);
    if (Array.isArray(column)) {
      for (let i = 0; i < length; i++) values[i] = column[i] ?? NaN;
      return values;
    }
    for (let i = 0, at = 0; i < column.runs.length; i += 2) {
      const end = at + column.runs[i + 1];
      values.fill(column.runs[i] ?? NaN, at, end);
      at = end;
    }
    return values;
  }

  const unpacked = new Map();
  /** Columns that runs share are unpacked once, and none before it is looked at. */
  function column(place, length) {
    if (!unpacked.has(place)) unpacked.set(place, unpack(report.columns[place], length));
    return unpacked.get(place);
  }

  class Timeline {
    constructor(json) {
      this.json = json;
      this.start = json.start ?? 0;
      this.step = json.step;
      this.length = json.length;
      this.times = json.times === null ? null : column(json.times, json.length);
      this.end = this.length === 0 ? this.start : this.time(this.length - 1) + this.step;
    }

    get(name) {
      return column(this.json[name], this.length);
    }

    time(index) {
      return this.times ? this.times[index] : this.start + index * this.step;
    }

    /** The last sample that begins at or before `time`; -1 before the first. */
    at(time) {
      if (!this.times) return Math.min(Math.floor((time - this.start) / this.step), this.length - 1);
      let low = 0;
      let high = this.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.times[middle] <= time) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    }

    holds(time) {
      return this.length > 0 && time >= this.start && time <= this.end;
    }
  }

  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const DASHES = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 3, 2, 3, 2, 3]];
  const runs = report.runs.map((json, index) => ({
    ...json,
    index,
    letter: LETTERS[index % LETTERS.length],
    ink: `--run-${index % 6}`,
    dash: DASHES[index % 6],
    shown: index < 4,
    timeline: new Timeline(json.timeline),
    metric: json.metric ?? metricOf(json.policy),
    perInstance: json.fleet.capacityPerInstance,
    activities: json.activities.map(([time, from, to, cause]) => ({ time, from, to, cause: json.causes[cause], run: index })),
  }));
  const several = runs.length > 1;
  const shown = () => runs.filter((run) => run.shown);

  /** The first target of a policy, with the metric's name, wherever the document has it. */
  function metricOf(policy) {
    if (policy === null || typeof policy !== 'object') return null;
    if (typeof policy.TargetValue === 'number') {
      const predefined = policy.PredefinedMetricSpecification?.PredefinedMetricType;
      return { name: predefined ?? policy.CustomizedMetricSpecification?.MetricName, target: policy.TargetValue };
    }
    for (const part of Object.values(policy)) {
      const found = metricOf(part);
      if (found) return found;
    }
    return null;
  }

  // ── Numbers and words ───────────────────────────────────────────────────────────────────────

  /** A number with all its digits; only the whole part is grouped. */
  function digits(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return '–';
    const [whole, rest] = String(value).split('.');
    const grouped = whole.includes('e') ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
    return rest === undefined ? grouped : `${grouped}.${rest}`;
  }

  /** A number beside an axis: those are round. */
  function tick(value) {
    for (const [size, letter] of [[1e9, 'G'], [1e6, 'M']]) {
      if (Math.abs(value) >= size) return `${+(value / size).toPrecision(6)}${letter}`;
    }
    return digits(+value.toPrecision(10));
  }

  const two = (number) => String(number).padStart(2, '0');
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

  const day = (time) => new Date(time).toISOString().slice(0, 10);
  function clock(time) {
    const date = new Date(time);
    const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return time % 60000 === 0 ? minutes : `${minutes}:${two(date.getUTCSeconds())}`;
  }
  const stamp = (time) => `${day(time)} ${clock(time)}`;

  function duration(milliseconds) {
    const parts = [];
    let rest = Math.round(milliseconds / 1000);
    for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
    }
    return parts.join(' ') || '0 s';
  }

  /** `underProvisionedMinutes` → `Under provisioned minutes`. */
  function words(name) {
    if (/[\s:/]/.test(name)) return name;
    const spaced = name.replace(/([a-z\d])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`);
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
  }

  const money = (run) => run?.fleet.currency ?? 'USD';
  // What is known of a figure: its words, its unit, and whether less of it is better.
  const FIGURES = {
    cost: { words: 'Cost', unit: money, less: true },
    instanceHours: { words: 'Instance-hours', unit: () => 'h', less: true },
    underProvisionedMinutes: { words: 'Under-provisioned', unit: () => 'min', less: true },
    underProvisionedPercent: { words: 'Under-provisioned', unit: () => '% of time', less: true },
    requestsOverCapacity: { words: 'Over capacity', unit: () => 'requests', less: true },
    wastedInstanceMinutes: { words: 'Wasted', unit: () => 'instance-min', less: true },
    scaleOuts: { words: 'Scale-outs', unit: () => 'actions' },
    scaleIns: { words: 'Scale-ins', unit: () => 'actions' },
    peakCapacity: { words: 'Peak capacity', unit: () => 'instances' },
    flaps: { words: 'Flapping', unit: () => 'reversals', less: true },
    timeToScaleOutSeconds: { words: 'Scale-out at the worst spike', unit: () => 's', less: true },
    timeToScaleOutMinutes: { words: 'Scale-out at the worst spike', unit: () => 'min', less: true },
  };
  const FLEET = {
    capacityPerInstance: { words: 'Capacity per instance', unit: () => 'requests/min' },
    pricePerHour: { words: 'Price per instance-hour', unit: money },
    price: { words: 'Price per instance-hour', unit: money },
    start: { words: 'Instances at the start', unit: () => 'instances' },
    startUp: { words: 'Start-up time', unit: () => '' },
    startUpSeconds: { words: 'Start-up time', unit: () => 's' },
  };
  const SUFFIXES = [
    [/InstanceMinutes$/, 'instance-min'], [/Milliseconds$/, 'ms'], [/Seconds$/, 's'], [/Minutes$/, 'min'],
    [/Hours$/, 'h'], [/Percent$/, '%'], [/Requests$/, 'requests'],
  ];
  function known(name, run, table) {
    const entry = table[name];
    if (entry) return { words: entry.words, unit: entry.unit(run), less: entry.less };
    const suffix = SUFFIXES.find(([pattern]) => pattern.test(name));
    return { words: words(name), unit: suffix?.[1] ?? '', less: false };
  }
  const figure = (name, run) => known(name, run, FIGURES);
  /** The usual figures in their order, then what else there is. */
  function figureNames() {
    const names = new Set(runs.flatMap((run) => Object.keys(run.summary)));
    return [...new Set([...Object.keys(FIGURES).filter((name) => names.has(name)), ...names])];
  }
  /** Long names of AWS may break at their humps. */
  const breakable = (text) => (text.length < 24 ? [text] : text.split(/(?<=[a-z])(?=[A-Z])/).flatMap((part, index) => (index === 0 ? [part] : [element('wbr'), part])));
  const plain = (value) => (typeof value === 'number' ? digits(value) : typeof value === 'string' ? value : JSON.stringify(value));

  /** An element: `element('td', {class: 'number'}, 'text', child…)`. Text is never read as HTML. */
  function element(tag, attributes = {}, ...children) {
    const svg = tag === 'svg' || tag === 'path';
    const made = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('--')) made.style.setProperty(name, value);
      else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.filter((child) => child !== undefined && child !== null));
    return made;
  }

  const letter = (run) => element('span', { class: 'letter', '--run': `var(${run.ink})` }, run.letter);
  /** Where space is short: the letter, and the name for those who hear it. */
  const lettered = (run) => [letter(run), element('span', { class: 'sr' }, ` ${run.name}`)];
  const named = (run) => element('span', { class: 'run-name' }, several ? letter(run) : null, run.name);

  /** A sample of a line as the charts draw it. */
  function swatch({ ink, dash = [], width = 2, fill }) {
    const svg = element('svg', { width: 22, height: 10, 'aria-hidden': 'true' });
    if (fill) svg.append(element('path', { d: 'M0 5H22V10H0Z', fill: `var(${fill})` }));
    svg.append(element('path', { d: 'M0 5H22', fill: 'none', stroke: `var(${ink})`, 'stroke-width': width, 'stroke-dasharray': dash.join(' ') }));
    return svg;
  }

  // ── Figures ─────────────────────────────────────────────────────────────────────────────────

  function showFigures() {
    const cards = byId('cards');
    if (!several) {
      for (const name of figureNames()) {
        const { words: label, unit } = figure(name, runs[0]);
        const shownValue = element('dd', {}, element('b', { 'data-figure': name }, plain(runs[0].summary[name])), unit);
        cards.append(element('li', { class: 'card' }, element('dl', {}, element('dt', {}, label), shownValue)));
      }
      return;
    }
    byId('figures-title').textContent = `Comparison of ${runs.length} runs`;
    cards.classList.add('run-cards');
    for (const run of runs) {
      const box = element('input', { type: 'checkbox', checked: run.shown, 'aria-label': `Show ${run.name} in the charts` });
      box.addEventListener('change', () => {
        run.shown = box.checked;
        buildCharts();
        showActivities();
      });
      const facts = ['cost', 'underProvisionedMinutes', 'peakCapacity'].filter((name) => name in run.summary);
      const listed = facts.map((name) => {
        const { words: label, unit } = figure(name, run);
        return element('span', {}, `${label} `, element('b', {}, plain(run.summary[name])), ` ${unit}`);
      });
      cards.append(
        element('li', { class: 'card run-card' },
          element('label', {}, box, swatch({ ink: run.ink, dash: run.dash }), named(run)),
          element('p', { class: 'facts' }, ...listed)),
      );
    }
    showComparison();
  }

  function showComparison() {
    const head = element('tr', {}, element('th', { scope: 'col' }, 'Figure'), element('th', { scope: 'col' }, 'Unit'));
    for (const run of runs) head.append(element('th', { scope: 'col', class: 'number' }, named(run)));
    const body = element('tbody');
    for (const name of figureNames()) {
      const { words: label, unit, less } = figure(name, runs[0]);
      const values = runs.map((run) => run.summary[name]);
      const numbers = values.filter((value) => typeof value === 'number');
      const best = less && new Set(numbers).size > 1 ? Math.min(...numbers) : undefined;
      const row = element('tr', {}, element('th', { scope: 'row' }, label), element('td', { class: 'muted' }, unit));
      for (const [index, value] of values.entries()) {
        const number = element(value === best ? 'b' : 'span', { 'data-figure': name, 'data-run': index }, plain(value ?? null));
        row.append(element('td', { class: 'number' }, number, element('span', { class: 'best' }, value === best ? 'best' : '')));
      }
      body.append(row);
    }
    const place = byId('comparison');
    place.hidden = false;
    place.append(
      element('table', { class: 'comparison' }, element('caption', { class: 'sr' }, 'Figures of the runs side by side'), element('thead', {}, head), body),
      element('p', { class: 'note muted' }, 'Best is the least, marked where less is better and the runs differ.'),
    );
  }

  // ── Charts ──────────────────────────────────────────────────────────────────────────────────

  const whole = [Math.min(...runs.map((run) => run.timeline.start)), Math.max(...runs.map((run) => run.timeline.end))];
  const shortest = 4 * Math.min(...runs.map((run) => run.timeline.step));
  let range = whole.slice();
  let cursor = null;
  let charts = [];
  let paper = null; // while printing: how much larger the charts are drawn than shown

  const style = () => getComputedStyle(document.documentElement);
  const ink = (name) => (name.startsWith('--') ? style().getPropertyValue(name).trim() : name);
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif';

  /** The values of a run that a line shows, as a function of the sample's number. */
  const requestsOf = (run) => run.timeline.get('requests');
  function limitOf(run) {
    if (typeof run.perInstance !== 'number') return null;
    run.limit ??= run.timeline.get('running').map((running) => running * run.perInstance);
    return run.limit;
  }

  /** Lines of one chart: what they show, of which run, and how. */
  function trafficLines(runsShown) {
    const lines = [];
    for (const run of runsShown) {
      const limit = limitOf(run);
      if (!limit) continue;
      const label = several ? `capacity ${run.letter}` : `capacity (running × ${digits(run.perInstance)})`;
      lines.push({ run, values: limit, words: label, ink: run.ink, dash: run.dash, width: 2, tag: true });
    }
    // What is above the only limit is filled between it and a line that nobody sees.
    if (runsShown.length === 1 && lines.length === 1) lines.push({ run: runsShown[0], values: requestsOf(runsShown[0]), ink: 'transparent', width: 0 });
    const traces = new Map(runsShown.map((run) => [run.timeline.json.requests, run]));
    for (const run of traces.values()) {
      lines.push({ run, values: requestsOf(run), words: traces.size === 1 ? 'requests' : `requests ${run.letter}`, ink: '--traffic', fill: '--traffic-fill', width: 1 });
    }
    return lines;
  }

  function instanceLines(runsShown) {
    return runsShown.flatMap((run, index) => [
      { run, values: run.timeline.get('desired'), words: index === 0 ? 'desired' : undefined, ink: run.ink, dash: [1, 2], width: 1.25 },
      { run, values: run.timeline.get('running'), words: several ? `running ${run.letter}` : 'running', ink: run.ink, dash: run.dash, width: 2, tag: true },
    ]);
  }

  function metricLines(runsShown) {
    return runsShown.map((run) => ({
      run, values: run.timeline.get('metric'), words: several ? `metric ${run.letter}` : 'metric', ink: run.ink, dash: run.dash, width: 1.5, tag: true,
    }));
  }

  const metricName = (run) => run.metric?.name ?? 'metric';
  function metricUnit(run) {
    if (run.metric?.unit) return run.metric.unit;
    return /InvocationsPer/.test(metricName(run)) ? 'requests per minute' : '';
  }

  /**
   * What a chart of `width` points shows of its lines: every sample where they fit, else, for each
   * column of pixels, the least and the most of it in the order in which they came.
   */
  function visible(lines, width) {
    const [from, to] = range;
    const grids = [...new Map(lines.map(({ run }) => [JSON.stringify([run.timeline.start, run.timeline.step, run.timeline.length, run.timeline.json.times]), run.timeline])).values()];
    const spans = grids.map((grid) => [Math.max(grid.at(from), 0), Math.max(grid.at(to), 0)]);
    const count = spans.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    return count <= 2 * width ? samples(lines, grids, spans) : extremes(lines, width);
  }

  function samples(lines, grids, spans) {
    const times = new Set();
    grids.forEach((grid, place) => {
      const [first, last] = spans[place];
      for (let i = first; i <= last && i < grid.length; i++) times.add(grid.time(i));
      if (grid.length > 0) times.add(grid.end);
    });
    const xs = [...times].sort((a, b) => a - b);
    const columns = lines.map(({ run: { timeline }, values }) => xs.map((time) => {
      const value = timeline.holds(time) ? values[timeline.at(time)] : NaN;
      return Number.isNaN(value) ? null : value;
    }));
    return { exact: true, data: [xs, ...columns] };
  }

  function extremes(lines, width) {
    const [from, to] = range;
    const pixel = (to - from) / width;
    const xs = new Array(2 * width + 1);
    for (let i = 0; i <= 2 * width; i++) xs[i] = from + (i * pixel) / 2;
    const columns = lines.map(({ run: { timeline }, values }) => {
      const ys = new Array(2 * width + 1).fill(null);
      const first = Math.max(timeline.at(from), 0);
      let next = first;
      for (let bucket = 0; bucket < width; bucket++) {
        const end = from + (bucket + 1) * pixel;
        const last = Math.min(timeline.at(end - 1e-6), timeline.length - 1);
        let low = NaN;
        let high = NaN;
        let lowAt = 0;
        let highAt = 0;
        // Where no sample begins in this column the one before still holds.
        for (let i = Math.min(next, Math.max(last, first)); i <= last; i++) {
          const value = values[i];
          if (!(value >= low)) { if (!Number.isNaN(value)) { low = value; lowAt = i; } }
          if (!(value <= high)) { if (!Number.isNaN(value)) { high = value; highAt = i; } }
        }
        next = last + 1;
        if (Number.isNaN(low) || end - pixel > timeline.end) continue;
        ys[2 * bucket] = lowAt <= highAt ? low : high;
        ys[2 * bucket + 1] = lowAt <= highAt ? high : low;
      }
      ys[2 * width] = ys[2 * width - 1];
      return ys;
    });
    return { exact: false, data: [xs, ...columns] };
  }

  const AXIS = 58;
  const stepped = uPlot.paths.stepped({ align: 1 });

  /** Where the time axis has its words: the hour, or the day, and the date below where it changes. */
  function timeLabels(_, splits, __, ___, increment) {
    let last = '';
    return splits.map((time) => {
      const date = new Date(time);
      const dated = `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
      if (increment >= 28 * 86400e3) {
        const year = String(date.getUTCFullYear());
        const label = `${MONTHS[date.getUTCMonth()]}${year === last ? '' : `\n${year}`}`;
        last = year;
        return label;
      }
      if (increment >= 86400e3) {
        const year = String(date.getUTCFullYear());
        const label = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}${year === last ? '' : `\n${year}`}`;
        last = year;
        return label;
      }
      const label = dated === last ? clock(time) : `${clock(time)}\n${dated}`;
      last = dated;
      return label;
    });
  }

  /** Options that all charts share; `scale` enlarges what is drawn for paper. */
  function options(place, { height, series, y, hooks = {}, bands, bottom = false, ticks }) {
    const scale = paper ?? 1;
    const font = `${11 * scale}px ${FONT}`;
    const axis = { stroke: ink('--axis'), font, ticks: { show: false }, grid: { stroke: ink('--grid'), width: scale } };
    return {
      width: chartWidth() * scale,
      height: (height + (bottom ? 42 : 13)) * scale,
      ms: 1,
      tzDate: (time) => uPlot.tzDate(new Date(time), 'Etc/UTC'),
      legend: { show: false },
      padding: [6 * scale, 22 * scale, bottom ? 0 : 7 * scale, 0],
      series: [{}, ...series],
      bands,
      scales: { x: { time: true, range: (_, from, to) => [from, to] }, y },
      axes: [
        { ...axis, show: true, size: bottom ? 38 * scale : 0, gap: 5 * scale, space: 74 * scale, values: bottom ? timeLabels : (_, splits) => splits.map(() => ''), lineGap: 1.3 },
        { ...axis, size: AXIS * scale, gap: 6 * scale, space: 22 * scale, values: (_, splits) => splits.map(tick), ...ticks },
      ],
      cursor: {
        show: paper === null,
        y: false,
        sync: { key: 'report', setSeries: false, scales: ['x', null] },
        drag: { setScale: false, x: true, y: false, dist: 4 },
        bind: { dblclick: () => () => { setRange(whole); return null; } },
        points: { size: 6, width: 1.5, fill: ink('--ground'), stroke: (_, series_) => ink(place.lines?.[series_ - 1]?.ink ?? '--text') },
        dataIdx: (plot, _, index, time) => (!place.exact || index === null ? null : Math.max(plot.data[0][index] > time ? index - 1 : index, 0)),
      },
      hooks: {
        ready: [listen],
        setSelect: [selected],
        ...hooks,
      },
    };
  }

  /** Marks at the right edge which run a line belongs to, moved apart where they would overlap. */
  function tagLines(plot, lines) {
    if (!several) return;
    const scale = paper ?? 1;
    const ratio = devicePixelRatio;
    const { ctx, bbox } = plot;
    const tags = lines
      .map((line, index) => {
        const ys = plot.data[index + 1];
        const last = ys.findLast((value) => value !== null && value !== undefined);
        return line.tag && last !== undefined ? { line, y: plot.valToPos(last, 'y', true) } : null;
      })
      .filter(Boolean)
      .sort((a, b) => a.y - b.y);
    const gap = 11 * ratio * scale;
    tags.forEach((tag, index) => { if (index > 0) tag.y = Math.max(tag.y, tags[index - 1].y + gap); });
    const over = tags.length > 0 ? Math.max(tags.at(-1).y - (bbox.top + bbox.height - gap / 4), 0) : 0;
    ctx.save();
    ctx.font = `bold ${11 * ratio * scale}px ${FONT}`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    for (const { line, y } of tags) {
      ctx.fillStyle = ink(line.ink);
      ctx.fillText(line.run.letter, bbox.left + bbox.width + 5 * ratio * scale, y - over);
    }
    ctx.restore();
  }

  /** A line across the chart with its words, such as a target or a bound; answers where the next one's may begin. */
  function rule(plot, value, text, colour, indent = 0) {
    if (typeof value !== 'number' || value < plot.scales.y.min || value > plot.scales.y.max) return indent;
    const scale = paper ?? 1;
    const ratio = devicePixelRatio * scale;
    const { ctx, bbox } = plot;
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = ink(colour);
    ctx.lineWidth = ratio;
    ctx.setLineDash([5 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * ratio}px ${FONT}`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'bottom';
    const x = bbox.left + indent + 4 * ratio;
    // A halo keeps the words legible over lines.
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * ratio;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = ink('--ground');
    ctx.strokeText(text, x, y - ratio);
    ctx.fillStyle = ink(colour);
    ctx.fillText(text, x, y - ratio);
    const end = indent + ctx.measureText(text).width + 8 * ratio;
    ctx.restore();
    return end;
  }

  const fromZero = (room, also = () => []) => ({
    range: (_, low, high) => {
      const extra = also().filter((value) => typeof value === 'number');
      const top = Math.max(high ?? 0, ...extra, 0);
      const bottom = Math.min(low ?? 0, 0);
      return [bottom === 0 ? 0 : bottom * room, top === 0 && bottom === 0 ? 1 : top * room];
    },
  });
  const WHOLE_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000];

  /** A chart of lines, under its heading. */
  function lineChart({ title, unit, lines, height, also, room = 1.08, draw = () => {}, bands, ticks }) {
    const plotted = element('div', { class: 'plot', role: 'img', 'aria-label': `${title}, ${unit}, over time in UTC` });
    const legend = lines.filter((line) => line.words).map((line) => element('li', {}, swatch(line), line.words));
    const shownTitle = element('div', { class: 'chart-head' },
      element('h3', {}, title), element('span', { class: 'unit' }, unit), element('ul', { class: 'legend' }, ...legend));
    byId('charts').append(element('div', { class: 'chart' }, shownTitle, plotted));
    const scale = paper ?? 1;
    const place = { lines, exact: true };
    const series = lines.map((line) => ({
      stroke: ink(line.ink), fill: line.fill && ink(line.fill), width: line.width * scale,
      dash: line.dash?.length ? line.dash.map((length) => length * scale) : undefined,
      paths: stepped, points: { show: false },
    }));
    const hooks = { draw: [(plot) => { draw(plot); tagLines(plot, lines); }] };
    place.plot = new uPlot(options(place, { height, series, y: fromZero(room, also), hooks, bands, ticks }), empty(lines.length), plotted);
    place.refresh = () => {
      const found = visible(lines, Math.max(Math.round(place.plot.bbox.width / devicePixelRatio / scale), 1));
      place.exact = found.exact;
      // Where an hour and more is one pixel, lines are as thin as can be: they would fill the chart.
      const dense = (range[1] - range[0]) / chartWidth() >= 3600e3;
      lines.forEach((line, index) => { place.plot.series[index + 1].width = (dense ? Math.min(line.width, 0.75) : line.width) * scale; });
      setData(place.plot, found.data);
    };
    charts.push(place);
  }

  const empty = (columns) => [[...range], ...Array.from({ length: columns }, () => [null, null])];
  function setData(plot, data) {
    plot.batch(() => {
      plot.setData(data, false);
      plot.setScale('x', { min: range[0], max: range[1] });
    });
  }

  /** Rows of what was on and what happened: over capacity, alarms, actions. */
  function lanesOf(runsShown) {
    return runsShown.flatMap((run) => {
      const label = several ? `${run.letter} · ` : '';
      const lanes = [];
      if (limitOf(run)) lanes.push({ run, words: `${label}over capacity`, bars: overCapacity(run), ink: '--over' });
      for (const [name, states] of Object.entries(run.timeline.json.alarms)) {
        lanes.push({ run, words: `${label}${name}`, bars: alarmBars(run, states), ink: '--alarm' });
      }
      lanes.push({ run, words: `${label}scaling actions`, marks: run.activities, ink: run.ink });
      return lanes;
    });
  }

  function overCapacity(run) {
    if (run.overCapacity) return run.overCapacity;
    const { timeline } = run;
    const requests = requestsOf(run);
    const limit = limitOf(run);
    const bars = [];
    let from = -1;
    for (let i = 0; i <= timeline.length; i++) {
      const over = i < timeline.length && requests[i] > limit[i];
      if (over && from < 0) from = i;
      if (!over && from >= 0) {
        bars.push([timeline.time(from), i < timeline.length ? timeline.time(i) : timeline.end, true]);
        from = -1;
      }
    }
    run.overCapacity = bars;
    return bars;
  }

  /** Stretches in `ALARM`, and those without enough data, which are drawn hollow. */
  function alarmBars(run, states) {
    return states
      .map(([index, state], place) => {
        const next = states[place + 1];
        const end = next ? run.timeline.time(next[0]) : run.timeline.end;
        return [run.timeline.time(index), end, state === 'ALARM', state];
      })
      .filter(([, , , state]) => state !== 'OK');
  }

  const LANE = 27;

  function laneChart(runsShown) {
    const lanes = lanesOf(runsShown);
    const height = lanes.length * LANE;
    const summaries = lanes.map(({ words: label, bars, marks }) => `${label}: ${(bars ?? marks).length}`);
    const plotted = element('div', { class: 'plot', role: 'img', 'aria-label': `Alarms and scaling actions over time in UTC; ${summaries.join('; ')} in all` });
    const legend = [
      element('li', {}, laneSwatch('M1 1H21V9H1Z', '--alarm', true), 'in ALARM'),
      element('li', {}, laneSwatch('M1 1H21V9H1Z', '--alarm', false), 'insufficient data'),
      element('li', {}, '▲ out'), element('li', {}, '▼ in'),
    ];
    byId('charts').append(element('div', { class: 'chart' },
      element('div', { class: 'chart-head' },
        element('h3', {}, 'Alarms and actions'), element('span', { class: 'unit' }, 'time in UTC'), element('ul', { class: 'legend' }, ...legend)),
      plotted));
    const place = { exact: false };
    const hooks = { draw: [(plot) => drawLanes(plot, lanes)] };
    const y = { range: () => [0, Math.max(lanes.length, 1)] };
    const ticks = { values: (_, splits) => splits.map(() => ''), grid: { show: false } };
    place.plot = new uPlot(options(place, { height, series: [{ points: { show: false }, paths: () => null }], y, hooks, bottom: true, ticks }), empty(1), plotted);
    place.refresh = () => setData(place.plot, empty(1));
    charts.push(place);
  }

  function laneSwatch(path, colour, solid) {
    const svg = element('svg', { width: 22, height: 10, 'aria-hidden': 'true' });
    svg.append(element('path', { d: path, fill: solid ? `var(${colour})` : 'none', stroke: `var(${colour})` }));
    return svg;
  }

  function drawLanes(plot, lanes) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio * (paper ?? 1);
    const x = (time) => plot.valToPos(time, 'x', true);
    const row = bbox.height / Math.max(lanes.length, 1);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    lanes.forEach(({ words: label, bars, marks, ink: colour }, index) => {
      const top = bbox.top + index * row;
      const base = top + row - 4 * ratio;
      ctx.strokeStyle = ink('--grid');
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(bbox.left, Math.round(base) + 0.5);
      ctx.lineTo(bbox.left + bbox.width, Math.round(base) + 0.5);
      ctx.stroke();
      ctx.fillStyle = ink(colour);
      ctx.strokeStyle = ink(colour);
      if (bars) drawBars(ctx, bars, x, base, ratio);
      else drawMarks(ctx, marks, x, base, ratio);
      ctx.font = `${11 * ratio}px ${FONT}`;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'top';
      ctx.lineWidth = 3 * ratio;
      ctx.lineJoin = 'round';
      ctx.strokeStyle = ink('--ground');
      ctx.strokeText(label, bbox.left + 4 * ratio, top + 2 * ratio);
      ctx.fillStyle = ink('--muted');
      ctx.fillText(label, bbox.left + 4 * ratio, top + 2 * ratio);
    });
    ctx.restore();
  }

  function drawBars(ctx, bars, x, base, ratio) {
    const height = 8 * ratio;
    let drawn = -Infinity;
    for (const [from, to, solid] of bars) {
      if (to < range[0] || from > range[1]) continue;
      const left = x(from);
      const right = Math.max(x(to), left + ratio);
      if (right <= drawn) continue; // less than a pixel, and that pixel is taken
      if (solid) ctx.fillRect(left, base - height, right - left, height);
      else {
        ctx.lineWidth = ratio;
        ctx.strokeRect(left + ratio / 2, base - height + ratio / 2, Math.max(right - left - ratio, 0), height - ratio);
      }
      drawn = right;
    }
  }

  function drawMarks(ctx, marks, x, base, ratio) {
    const size = 4.5 * ratio;
    const last = { up: -Infinity, down: -Infinity };
    for (const { time, from, to } of marks) {
      if (time < range[0] || time > range[1]) continue;
      const at = x(time);
      const way = to >= from ? 'up' : 'down';
      if (at - last[way] < 1.5 * ratio) continue;
      last[way] = at;
      const [tip, foot] = way === 'up' ? [base - 2 * size, base] : [base, base - 2 * size];
      ctx.beginPath();
      ctx.moveTo(at, tip);
      ctx.lineTo(at - size, foot);
      ctx.lineTo(at + size, foot);
      ctx.closePath();
      if (way === 'up') ctx.fill();
      else {
        ctx.save();
        ctx.fillStyle = ink('--ground');
        ctx.fill();
        ctx.lineWidth = 1.25 * ratio;
        ctx.stroke();
        ctx.restore();
      }
    }
  }

  const PAPER_WIDTH = 700; // A4 and US Letter less the margins, in CSS pixels
  const chartWidth = () => (paper === null ? Math.max(byId('charts').clientWidth, 240) : PAPER_WIDTH);

  function buildCharts() {
    for (const { plot } of charts) plot.destroy();
    charts = [];
    byId('charts').replaceChildren();
    byId('charts').style.zoom = '';
    const runsShown = shown();
    if (runsShown.length === 0) {
      byId('charts').append(element('p', { class: 'muted' }, 'No run is chosen: tick one above.'));
      showRange();
      return;
    }
    const traffic = trafficLines(runsShown);
    const bands = runsShown.length === 1 && traffic.length === 3 ? [{ series: [2, 1], fill: ink('--over-fill') }] : undefined;
    lineChart({ title: 'Traffic and capacity', unit: 'requests per minute', lines: traffic, height: 170, bands });
    const bounds = several ? [] : boundsOf(runsShown[0].policy);
    lineChart({
      title: 'Instances', unit: 'instances', lines: instanceLines(runsShown), height: 110, room: 1.2, ticks: { incrs: WHOLE_STEPS },
      draw: (plot) => { for (const [text, value] of bounds) rule(plot, value, `${text} ${digits(value)}`, '--muted'); },
    });
    const names = [...new Set(runsShown.map(metricName))];
    const units = [...new Set(runsShown.map(metricUnit))].filter(Boolean);
    const targets = runsShown.filter((run) => typeof run.metric?.target === 'number');
    lineChart({
      title: 'Metric', unit: [names.join(', '), units.join(', ')].filter(Boolean).join(' · '), lines: metricLines(runsShown), height: 110,
      also: () => targets.map((run) => run.metric.target),
      draw: (plot) => {
        let indent = 0;
        for (const target of new Set(targets.map((run) => run.metric.target))) {
          const whose = targets.filter((run) => run.metric.target === target);
          const letters = several ? ` ${whose.map((run) => run.letter).join(', ')}:` : '';
          indent = rule(plot, target, `target${letters} ${digits(target)}`, several && whose.length === 1 ? whose[0].ink : '--text', indent);
        }
      },
    });
    laneChart(runsShown);
    if (paper !== null) for (const plotted of byId('charts').querySelectorAll('.plot')) plotted.style.zoom = String(1 / paper);
    showReadout();
    refresh();
  }

  /** Bounds as the settings have them: `{"MaxCapacity": {"value": 8, …}}` or plain. */
  function boundsOf(policy) {
    const bound = (name) => policy?.[name]?.value ?? policy?.[name];
    return [['minimum', bound('MinCapacity')], ['maximum', bound('MaxCapacity')]];
  }

  // ── Time range and cursor ───────────────────────────────────────────────────────────────────

  let asked = false;
  /** Draws once a frame, however often it is asked. */
  function refreshSoon() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; refresh(); });
  }

  function refresh() {
    for (const place of charts) place.refresh();
    moveCursor();
    showRange();
  }

  function showRange() {
    const [from, to] = range;
    const place = byId('range');
    place.replaceChildren(
      element('time', { datetime: new Date(from).toISOString() }, stamp(from)), ' – ',
      element('time', { datetime: new Date(to).toISOString() }, stamp(to)), ` UTC (${duration(to - from)})`);
    byId('charts').dataset.from = String(from);
    byId('charts').dataset.to = String(to);
    const limits = {
      earlier: from <= whole[0], later: to >= whole[1], in: to - from <= shortest,
      out: from <= whole[0] && to >= whole[1], reset: from <= whole[0] && to >= whole[1],
    };
    for (const button of document.querySelectorAll('[data-do]')) button.setAttribute('aria-disabled', String(limits[button.dataset.do]));
  }

  function setRange([from, to]) {
    // The range begins and ends where samples do.
    const even = (time) => Math.round(time / (shortest / 4)) * (shortest / 4);
    const span = Math.min(Math.max(even(to - from), shortest), whole[1] - whole[0]);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(whole[0] + even(middle - span / 2 - whole[0]), whole[0]), whole[1] - span);
    const next = [start, start + span];
    if (next[0] === range[0] && next[1] === range[1]) return;
    range = next;
    refreshSoon();
    speak(`Shown: ${stamp(range[0])} to ${stamp(range[1])} UTC, ${duration(range[1] - range[0])}`);
    if (byId('in-range').checked) showActivities();
  }

  function zoom(factor) {
    const [from, to] = range;
    const at = cursor !== null && cursor > from && cursor < to ? cursor : (from + to) / 2;
    setRange([at - (at - from) * factor, at + (to - at) * factor]);
  }

  const pan = (share) => { const by = (range[1] - range[0]) * share; setRange([range[0] + by, range[1] + by]); };
  const ACTIONS = {
    in: () => zoom(0.5), out: () => zoom(2), earlier: () => pan(-0.25), later: () => pan(0.25), reset: () => setRange(whole),
    first: () => setRange([whole[0], whole[0] + range[1] - range[0]]), last: () => setRange([whole[1] - range[1] + range[0], whole[1]]),
    hide: () => setCursor(null),
  };
  const KEYS = { '+': 'in', '=': 'in', '-': 'out', '_': 'out', ArrowLeft: 'earlier', ArrowRight: 'later', 0: 'reset', Home: 'first', End: 'last', Escape: 'hide' };

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      stepCursor(event.key === 'ArrowLeft' ? -1 : 1);
    } else if (KEYS[event.key] && !(event.shiftKey && event.key.length > 1)) {
      ACTIONS[KEYS[event.key]]();
    } else return;
    event.preventDefault();
  }

  /** One sample further, or one pixel where samples are closer than that. */
  function stepCursor(way) {
    const { timeline } = shown()[0] ?? runs[0];
    const [from, to] = range;
    if (cursor === null || cursor < from || cursor > to) {
      const middle = timeline.at((from + to) / 2);
      setCursor(timeline.time(Math.max(middle, 0)));
      return;
    }
    const by = Math.max(1, Math.round((to - from) / chartWidth() / timeline.step));
    const index = Math.min(Math.max(timeline.at(cursor) + way * by, 0), timeline.length - 1);
    const time = timeline.time(index);
    if (time < from || time > to) { const shift = time < from ? time - from : time - to; setRange([from + shift, to + shift]); }
    setCursor(time);
  }

  function setCursor(time) {
    cursor = time;
    moveCursor();
    showReadout();
    if (time !== null) speak(spokenReadout());
  }

  function moveCursor() {
    for (const { plot } of charts) {
      const inside = cursor !== null && cursor >= range[0] && cursor <= range[1];
      plot.setCursor(inside ? { left: plot.valToPos(cursor, 'x'), top: 1 } : { left: -10, top: -10 }, false);
    }
  }

  /** uPlot draws the cursor, in all charts; where it is in time is ours, since zooming must not move it. */
  function listen(plot) {
    plot.over.addEventListener('mousemove', (event) => {
      const left = event.clientX - plot.over.getBoundingClientRect().left;
      pointed(Math.min(Math.max(plot.posToVal(left, 'x'), range[0]), range[1]));
    });
    plot.over.addEventListener('mouseleave', () => pointed(null));
  }

  let hovered = false;
  function pointed(time) {
    if (paper !== null) return;
    cursor = time;
    if (hovered) return;
    hovered = true;
    requestAnimationFrame(() => {
      hovered = false;
      showReadout();
      if (cursor !== null) speak(spokenReadout());
    });
  }

  function selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    for (const { plot: other } of charts) other.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    setRange([from, to]);
  }

  /** What alarms of a run are called where space is short: AWS begins all their names alike. */
  function alarmNames(run) {
    const names = Object.keys(run.timeline.json.alarms);
    let same = names.length > 1 ? names[0].length : 0;
    for (const name of names) while (!name.startsWith(names[0].slice(0, same))) same--;
    const cut = names.length > 1 ? names[0].slice(0, same).search(/[-/_. ][^-/_. ]*$/) + 1 : 0;
    return new Map(names.map((name) => [name, name.slice(cut)]));
  }

  function alarmsAt(run, index) {
    const short = alarmNames(run);
    return Object.entries(run.timeline.json.alarms)
      .map(([name, states]) => [short.get(name), states.findLast(([from]) => from <= index)?.[1]])
      .filter(([, state]) => state !== undefined && state !== 'OK')
      .map(([name, state]) => (state === 'ALARM' ? name : `${name} (${state.toLowerCase().replace('_', ' ')})`));
  }

  function valuesAt(run) {
    if (cursor === null || !run.timeline.holds(cursor)) return null;
    const index = run.timeline.at(cursor);
    const value = (name) => run.timeline.get(name)[index];
    const limit = limitOf(run)?.[index];
    return {
      time: run.timeline.time(index), requests: value('requests'), limit, desired: value('desired'), running: value('running'),
      metric: value('metric'), over: limit !== undefined && value('requests') > limit, alarms: alarmsAt(run, index),
    };
  }

  const COLUMNS = [
    ['requests', 'Requests', 'per min'], ['limit', 'Capacity', 'requests/min'], ['desired', 'Desired', 'instances'],
    ['running', 'Running', 'instances'], ['metric', 'Metric', ''],
  ];

  /** The table above the charts. It is built once for the runs shown and then only its words change. */
  let readout = null;
  function buildReadout() {
    const runsShown = shown();
    const units = new Set(runsShown.map(metricUnit));
    const unit = units.size === 1 ? [...units][0].replace('requests per minute', 'requests/min') : '';
    const head = element('tr');
    if (several) head.append(element('th', { scope: 'col' }, 'Run'));
    for (const [name, label, given] of COLUMNS) {
      const measure = element('span', { class: 'unit' }, name === 'metric' ? unit : given);
      head.append(element('th', { scope: 'col', class: 'number' }, label, ' ', measure));
    }
    head.append(element('th', { scope: 'col', class: 'alarms' }, 'Alarms'));
    const rows = runsShown.map((run) => {
      const cells = {};
      const row = element('tr', { 'data-run': run.index });
      if (several) row.append(element('th', { scope: 'row', title: run.name }, ...lettered(run)));
      for (const [name] of COLUMNS) row.append((cells[name] = element('td', { class: 'number', 'data-read': name })));
      row.append((cells.alarms = element('td', { class: 'alarms', 'data-read': 'alarms' })));
      return { run, row, cells };
    });
    const when = element('b', { 'data-read': 'when' });
    const table = element('table', {}, element('caption', {}, when), element('thead', {}, head), element('tbody', {}, ...rows.map(({ row }) => row)));
    byId('readout').replaceChildren(table);
    readout = { rows, when, of: runsShown };
  }

  function showReadout() {
    const runsShown = shown();
    if (!readout || readout.of.length !== runsShown.length || readout.of.some((run, index) => run !== runsShown[index])) buildReadout();
    let when = null;
    for (const { run, cells } of readout.rows) {
      const values = valuesAt(run);
      when ??= values?.time ?? null;
      for (const [name] of COLUMNS) cells[name].textContent = values ? digits(values[name]) : '–';
      cells.limit.classList.toggle('over', Boolean(values?.over));
      if (values?.over) cells.limit.prepend(element('span', {}, 'over '));
      const states = values?.alarms.join(', ');
      cells.alarms.textContent = values ? states || 'none' : '–';
      cells.alarms.title = states ?? '';
    }
    readout.when.textContent = when === null ? 'Point at the charts to read their values' : `${stamp(when)} UTC`;
    readout.when.classList.toggle('hint', when === null);
  }

  function spokenReadout() {
    const parts = shown().map((run) => {
      const values = valuesAt(run);
      if (!values) return null;
      const said = [`${several ? `${run.name}: ` : ''}requests ${digits(values.requests)} per minute`];
      if (values.limit !== undefined) said.push(`capacity ${digits(values.limit)}${values.over ? ', over capacity' : ''}`);
      said.push(`desired ${digits(values.desired)}`, `running ${digits(values.running)}`, `metric ${digits(values.metric)}`);
      if (values.alarms.length > 0) said.push(`in alarm: ${values.alarms.join(', ')}`);
      return said.join(', ');
    });
    return `${stamp(cursor - (cursor % 1000))} UTC. ${parts.filter(Boolean).join('. ')}`;
  }

  let waiting = null;
  let saying = '';
  /** Says the latest of what it is given, at most once in 0.8 s: a moving cursor would flood a screen reader. */
  function speak(text) {
    saying = text;
    if (waiting !== null) return;
    waiting = setTimeout(() => { waiting = null; byId('spoken').textContent = saying; }, 800);
  }

  // ── Activities ──────────────────────────────────────────────────────────────────────────────

  const PAGE = 25;
  let order = { by: 'time', down: false };
  let listed = PAGE;
  const every = runs.flatMap((run) => run.activities);

  const KEYS_OF = {
    time: (activity) => activity.time, run: (activity) => activity.run,
    change: (activity) => activity.to - activity.from, cause: (activity) => activity.cause,
  };

  function matching() {
    const text = byId('cause').value.trim().toLowerCase();
    const direction = byId('direction').value;
    const only = byId('in-range').checked;
    const key = KEYS_OF[order.by];
    const found = every.filter((activity) => runs[activity.run].shown
      && (text === '' || activity.cause.toLowerCase().includes(text))
      && (direction === '' || (direction === 'out') === (activity.to >= activity.from))
      && (!only || (activity.time >= range[0] && activity.time <= range[1])));
    const compare = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.time - b.time);
    return found.sort((a, b) => (order.down ? -compare(a, b) : compare(a, b)));
  }

  function showActivities() {
    const found = matching();
    const rows = found.slice(0, listed).map((activity) => {
      const { time, from, to, cause, run } = activity;
      const go = element('button', { type: 'button', title: 'Show in the charts' }, stamp(time));
      const by = to - from;
      const change = element('td', { class: 'change' }, `${digits(from)} → ${digits(to)} `, element('i', {}, `${by >= 0 ? '▲ +' : '▼ −'}${digits(Math.abs(by))}`));
      const row = element('tr', {}, element('td', {}, go), several ? element('td', { title: runs[run].name }, ...lettered(runs[run])) : null, change, element('td', {}, cause));
      row.addEventListener('click', () => showInCharts(activity));
      return row;
    });
    byId('activity-table').tBodies[0].replaceChildren(...rows);
    const total = every.length === found.length ? '' : ` of ${digits(every.length)}`;
    const first = found.length > rows.length ? `, the first ${digits(rows.length)} listed` : '';
    byId('activity-count').textContent = `${digits(found.length)}${total}${first}`;
    byId('more').hidden = found.length <= rows.length;
    byId('more').textContent = `Show ${digits(Math.min(PAGE, found.length - rows.length))} more`;
    for (const header of byId('activity-table').tHead.querySelectorAll('th')) {
      const mine = header.dataset.by === order.by;
      if (mine) header.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
      else header.removeAttribute('aria-sort');
      header.querySelector('button span').textContent = mine ? (order.down ? '▾' : '▴') : '';
    }
  }

  function buildActivities() {
    const headers = [['time', 'Time (UTC)'], ...(several ? [['run', 'Run']] : []), ['change', 'Instances'], ['cause', 'Cause']];
    const cells = headers.map(([by, label]) => {
      const button = element('button', { type: 'button' }, label, element('span', { 'aria-hidden': 'true' }));
      button.addEventListener('click', () => {
        order = { by, down: order.by === by ? !order.down : false };
        showActivities();
      });
      return element('th', { scope: 'col', 'data-by': by }, button);
    });
    byId('activity-table').tHead.append(element('tr', {}, ...cells));
    byId('activity-table').prepend(element('caption', { class: 'sr' }, 'Scaling activities; choose one to show it in the charts'));
    const causes = [...new Set(every.map(({ cause }) => cause))].slice(0, 50);
    byId('causes').append(...causes.map((cause) => element('option', { value: cause })));
    const again = () => { listed = PAGE; showActivities(); };
    for (const id of ['cause', 'direction', 'in-range']) byId(id).addEventListener('input', again);
    byId('filters').addEventListener('submit', (event) => event.preventDefault());
    byId('more').addEventListener('click', () => { listed += PAGE; showActivities(); });
    showActivities();
  }

  function showInCharts({ time, run }) {
    const half = 45 * runs[run].timeline.step;
    setRange([time - half, time + half]);
    setCursor(time);
    byId('timeline').scrollIntoView({ block: 'start' });
    byId('charts').focus({ preventScroll: true });
  }

  // ── Policy and assumptions ──────────────────────────────────────────────────────────────────

  const isSourced = (value) => value !== null && typeof value === 'object' && 'value' in value
    && Object.keys(value).every((key) => key === 'value' || key === 'source');
  const isBranch = (value) => value !== null && typeof value === 'object' && Object.keys(value).length > 0;

  /** Settings as a tree of names and values; a source stands under its value. */
  function tree(object) {
    return element('dl', { class: 'tree' }, ...Object.entries(object).map(([name, given]) => {
      const sourced = isSourced(given);
      const value = sourced ? given.value : given;
      const source = sourced && given.source !== undefined ? `from ${plain(given.source)}` : null;
      if (!isBranch(value)) return pair(name, breakable(plain(value)), source);
      return element('div', {}, element('dt', {}, name), source && element('dd', { class: 'source' }, source), element('dd', {}, branch(value)));
    }));
  }

  const pair = (name, value, source) => element('div', { class: 'pair' },
    element('dt', {}, name), element('dd', {}, ...value), source ? element('dd', { class: 'source' }, source) : null);

  function branch(value) {
    if (!Array.isArray(value)) return tree(value);
    if (!value.some(isBranch)) return value.map(plain).join(', ');
    return element('ol', {}, ...value.map((item) => element('li', {}, isBranch(item) ? branch(item) : plain(item))));
  }

  function assumptionList(assumptions) {
    return element('dl', { class: 'tree' }, ...assumptions.map(({ name, value, unit, source }) =>
      pair(words(name), [[plain(value), unit].filter(Boolean).join(' ')], source)));
  }

  function fleetList(run) {
    return element('dl', { class: 'tree' }, ...Object.entries(run.fleet).map(([name, value]) => {
      const { words: label, unit } = known(name, run, FLEET);
      return pair(label, [`${plain(value)} ${unit}`.trim()]);
    }));
  }

  function showInputs() {
    for (const run of runs) {
      const parts = [];
      if (isBranch(run.policy)) parts.push(element('h3', {}, 'Settings in force'), tree(run.policy));
      if (isBranch(run.fleet)) parts.push(element('h3', {}, 'Fleet'), fleetList(run));
      if (run.assumptions.length > 0) parts.push(element('h3', {}, 'Assumptions'), assumptionList(run.assumptions));
      if (parts.length === 0) parts.push(element('p', { class: 'muted' }, 'The report says nothing about them.'));
      byId('inputs').append(element('details', { open: run.index === 0 }, element('summary', {}, named(run)), element('div', { class: 'inside' }, ...parts)));
    }
  }

  // ── All together ────────────────────────────────────────────────────────────────────────────

  function printing() {
    if (paper !== null) return;
    paper = 3; // canvases are pictures: at three times their size they are as sharp as print
    document.documentElement.classList.add('paper');
    for (const details of document.querySelectorAll('details:not([open])')) {
      details.open = true;
      details.dataset.closed = '';
    }
    buildCharts();
  }

  function printed() {
    if (paper === null) return;
    paper = null;
    document.documentElement.classList.remove('paper');
    for (const details of document.querySelectorAll('details[data-closed]')) {
      details.open = false;
      delete details.dataset.closed;
    }
    buildCharts();
  }

  function start() {
    const samplesInAll = Math.max(...runs.map((run) => run.timeline.length));
    const step = Math.min(...runs.map((run) => run.timeline.step));
    byId('period').textContent = `${stamp(whole[0])} – ${stamp(whole[1])} UTC · ${digits(samplesInAll)} steps of ${duration(step)}${several ? ` · ${runs.length} runs` : ` · ${runs[0].name}`}`;
    byId('report').hidden = false;
    showFigures();
    showInputs();
    showReadout();
    buildCharts();
    buildActivities();
    byId('charts').addEventListener('keydown', pressed);
    for (const button of document.querySelectorAll('[data-do]')) {
      button.addEventListener('click', () => { if (button.getAttribute('aria-disabled') !== 'true') ACTIONS[button.dataset.do](); });
    }
    let width = chartWidth();
    new ResizeObserver(() => {
      if (paper !== null || chartWidth() === width) return;
      width = chartWidth();
      buildCharts();
    }).observe(byId('charts'));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', buildCharts);
    matchMedia('(forced-colors: active)').addEventListener('change', buildCharts);
    addEventListener('beforeprint', printing);
    addEventListener('afterprint', printed);
  }

  if (runs.length > 0 && runs.every((run) => run.timeline.length > 0)) start();
  else byId('period').replaceChildren(element('span', { class: 'problem', role: 'alert' }, 'Nothing was simulated: the report holds no samples.'));
})();
