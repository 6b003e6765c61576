/** The style of a report: everything is in the page, nothing is fetched. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--ink:#1c1c1a;--soft:#5d5d57;--rule:#dcdad2;--paper:#fbfaf7;--warn:#a3400b}
@media(prefers-color-scheme:dark){:root{--ink:#ecebe6;--soft:#a5a49c;--rule:#3a3a36;--paper:#191917;--warn:#f0a070}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1120px;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.12rem;margin:2rem 0 .5rem}p,li{color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;padding:0;list-style:none}.legend i{display:inline-block;width:1.3rem;height:3px;margin:0 .4rem .25rem 0;vertical-align:middle}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(400px,1fr));gap:1rem 1.5rem}svg{width:100%;height:auto}
.title{font-weight:600;font-size:13.5px;fill:var(--ink)}.tick,.axis{font-size:11px;fill:var(--soft)}.grid{stroke:var(--rule);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
table{border-collapse:collapse;width:100%;font-size:12.5px;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
th{text-align:right;font-weight:600;color:var(--soft);vertical-align:bottom}th:first-child,td:first-child{text-align:left}
td,th{padding:.25rem .4rem;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}
.collapsed td{color:var(--soft)}.flag{color:var(--warn);font-weight:600}.pm{color:var(--soft);font-size:11.5px}
${['#1f6feb', '#d1570a', '#1a7f4b', '#8a4fd0', '#b8860b', '#c2255c', '#0b8a9e', '#6b6b63', '#5c7a00', '#9c4221']
  .map((colour, index) => `.s${index}{stroke:${colour};fill:${colour};background:${colour}}.line.s${index}{fill:none}`)
  .join('')}
line.notice{stroke:var(--warn);stroke-width:1.2;stroke-dasharray:3 3}.legend i.notice{background:repeating-linear-gradient(90deg,var(--warn) 0 4px,transparent 4px 7px)}
circle.hollow{fill:var(--paper);stroke-width:1.6}
`;
