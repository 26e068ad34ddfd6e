(() => {
  'use strict';
  // The page can be read without this. Here are sorting, filters, the matrix, anchors and the theme.
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  root.classList.add('js');

  // Pages opened from a disk may be denied storage: the theme then lasts as long as the page.
  const kept = { get: () => { try { return localStorage.getItem('jurat-theme'); } catch { return null; } },
    set: (value) => { try { localStorage.setItem('jurat-theme', value); } catch { /* not kept */ } } };
  if (kept.get()) root.dataset.theme = kept.get();

  function theme() {
    const button = $('theme');
    const dark = () => (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
    const show = () => {
      button.textContent = dark() ? 'Light mode' : 'Dark mode';
      button.setAttribute('aria-pressed', dark());
    };
    button.addEventListener('click', () => {
      root.dataset.theme = dark() ? 'light' : 'dark';
      kept.set(root.dataset.theme);
      show();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
    show();
  }

  // A table is sorted by rows, or by bodies where a row has its details below it.
  const key = (unit, column) => {
    const cell = (unit.rows ? unit.rows[0] : unit).cells[column];
    return cell.dataset.v ?? cell.textContent;
  };
  function sort(table, column) {
    const heads = [...table.tHead.rows[0].cells];
    const parts = [...table.tBodies];
    const units = parts.length > 1 ? parts : [...parts[0].rows];
    const keys = new Map(units.map((unit) => [unit, key(unit, column)]));
    const numbers = [...keys.values()].every((value) => value === '' || !Number.isNaN(Number(value)));
    const before = heads[column].getAttribute('aria-sort');
    // Numbers begin with the largest, names with the first.
    const down = before ? before === 'ascending' : numbers;
    const compare = (one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      // What is not known stays at the end.
      if (a === '' || b === '') return (a === '') - (b === '');
      const order = numbers ? a - b : a.localeCompare(b, undefined, { numeric: true });
      return down ? -order : order;
    };
    units.sort(compare);
    heads.forEach((head) => head.removeAttribute('aria-sort'));
    heads[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
    (parts.length > 1 ? table : parts[0]).append(...units);
  }
  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.textContent) return;
      const button = make('button', head.textContent, { type: 'button' });
      button.addEventListener('click', () => sort(table, column));
      head.replaceChildren(button);
    });
  }

  // The table of labeling functions: details, search and filters.
  function lfs() {
    const table = $('lf-table');
    if (!table) return;
    const bodies = [...table.tBodies];
    for (const body of bodies) {
      const head = body.rows[0].cells[0];
      const button = make('button', head.textContent, { type: 'button', class: 'toggle', 'aria-expanded': 'false' });
      button.addEventListener('click', () => toggle(body, !body.classList.contains('open')));
      head.replaceChildren(button);
    }
    const texts = new Map(bodies.map((body) => [body, all('th[scope=row], .why, .by', body).map((e) => e.textContent).join('\n').toLowerCase()]));
    const [search, label, verdict, found] = ['lf-search', 'lf-label', 'lf-verdict', 'lf-found'].map($);
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const body of bodies) {
        const fits = words.every((word) => texts.get(body).includes(word))
          && (!label.value || body.dataset.l.split(' ').includes(label.value))
          && (!verdict?.value || body.dataset.a === verdict.value)
          && (!found.checked || body.dataset.f !== '0');
        body.hidden = !fits;
        shown += fits;
      }
      $('lf-count').textContent = shown === bodies.length ? `${shown} in all` : `${shown} of ${bodies.length}`;
    };
    for (const control of [search, label, verdict, found]) control?.addEventListener('input', filter);
    lfs.reset = () => {
      search.value = label.value = '';
      if (verdict) verdict.value = '';
      found.checked = false;
      filter();
    };
    filter();
    document.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.target.closest('input, select, textarea')) return;
      event.preventDefault();
      search.focus();
    });
  }
  function toggle(body, open) {
    body.classList.toggle('open', open);
    body.querySelector('.toggle').setAttribute('aria-expanded', open);
    body.querySelector('.more details').open = true;
  }

  // The matrix: arrow keys walk over pairs, Enter shows the rows of one.
  function matrix() {
    const table = document.querySelector('.matrix');
    if (!table) return;
    const panel = $('pair');
    const at = (row, column) => table.rows[row]?.cells[column];
    const first = table.querySelector('td[data-a]');
    first.tabIndex = 0;
    for (const cell of all('td[data-a]', table)) {
      cell.setAttribute('role', 'gridcell');
      cell.setAttribute('aria-label', cell.title);
    }
    const focus = (cell) => {
      all('td[tabindex="0"]', table).forEach((other) => { other.tabIndex = -1; });
      cell.tabIndex = 0;
      cell.focus();
    };
    const show = (cell) => {
      all('[aria-selected]', table).forEach((other) => other.removeAttribute('aria-selected'));
      cell.setAttribute('aria-selected', 'true');
      const close = make('button', 'Close', { type: 'button' });
      close.addEventListener('click', () => { panel.hidden = true; cell.removeAttribute('aria-selected'); cell.focus(); });
      // Names may have colons too.
      const end = cell.title.lastIndexOf(': contradict on ');
      const rows = (cell.dataset.rows || '').split(' ').map((row) => $(`row-${row}`)).filter(Boolean);
      panel.replaceChildren(close, make('h3', cell.title.slice(0, end)), make('p', cell.title.slice(end + 2)), ...rows.map((row) => {
        const copy = row.cloneNode(true);
        copy.removeAttribute('id');
        return copy;
      }));
      if (!rows.length) {
        const name = (at) => table.rows[at].querySelector('th').textContent.trim();
        const quoted = (text) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
        const note = make('p', 'No rows of this pair were kept in this report. Rows of each of the two are shown by ', { class: 'none' });
        [cell.parentNode.rowIndex, cell.cellIndex].forEach((at, second) => {
          if (second) note.append(' and by ');
          note.append(make('code', `jurat explain RUN --lf ${quoted(name(at))}`));
        });
        note.append(', with the directory of this page for RUN.');
        panel.append(note);
      }
      panel.hidden = false;
      panel.scrollIntoView({ block: 'nearest' });
    };
    table.addEventListener('click', (event) => {
      const cell = event.target.closest('td[data-a]');
      if (cell) { focus(cell); show(cell); }
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !panel.hidden) panel.querySelector('button').click();
    });
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    table.addEventListener('keydown', (event) => {
      const cell = event.target.closest('td[data-a]');
      if (!cell) return;
      if (event.key === 'Enter' || event.key === ' ') { show(cell); event.preventDefault(); return; }
      if (!steps[event.key]) return;
      event.preventDefault();
      const [down, right] = steps[event.key];
      let [row, column] = [cell.parentNode.rowIndex + down, cell.cellIndex + right];
      // Pairs that never meet are stepped over.
      while (row >= 0 && column >= 0 && at(row, column)) {
        if (at(row, column).dataset.a !== undefined) { focus(at(row, column)); return; }
        [row, column] = [row + down, column + right];
      }
    });
  }

  // Whoever follows an anchor sees what it names, though it was closed or filtered out.
  function follow() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* as it is */ }
    const target = id && $(id);
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
    if (target.tagName === 'TBODY') {
      if (target.hidden) lfs.reset();
      toggle(target, true);
      target.querySelector('.toggle').focus({ preventScroll: true });
    }
    target.scrollIntoView();
  }

  // A line of a ledger and what its labeling function found light up together.
  function light() {
    const set = (event, on) => {
      const part = event.target.closest?.('[data-lf]');
      const row = part?.closest('.row');
      if (!row) return;
      const lfs = part.dataset.lf.split(' ');
      for (const other of all('[data-lf]', row)) {
        const same = other.dataset.lf.split(' ').some((lf) => lfs.includes(lf));
        other.classList.toggle('lit', on && same);
      }
    };
    for (const [name, on] of [['mouseover', true], ['mouseout', false], ['focusin', true], ['focusout', false]]) {
      document.addEventListener(name, (event) => set(event, on));
    }
  }

  // The section that is read is marked in the list of sections.
  function here() {
    const links = new Map(all('nav a').map((link) => [link.hash.slice(1), link]));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link) => link.removeAttribute('aria-current'));
        links.get(entry.target.id)?.setAttribute('aria-current', 'true');
      }
    }, { rootMargin: '-15% 0px -75% 0px' });
    all('main > section').forEach((section) => seen.observe(section));
  }

  document.addEventListener('DOMContentLoaded', () => {
    theme();
    all('table.sortable').forEach(sortable);
    lfs();
    matrix();
    light();
    here();
    follow();
    addEventListener('hashchange', follow);
    // The same anchor again changes nothing in the address.
    document.addEventListener('click', (event) => {
      const link = event.target.closest?.('a[href^="#"]');
      if (link && link.getAttribute('href') === location.hash) follow();
    });
  });
})();
