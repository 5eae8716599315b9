// The style of the report: one color scheme for screens and printers, no fonts from elsewhere.
#pragma once

namespace sheafline::analyze {

inline constexpr const char* kReportStyle = R"css(
:root{--ink:#1b2430;--quiet:#5b6777;--line:#d9dfe7;--paper:#fff;--ground:#f4f6f9;--blue:#2f6fb5;--pale:#a9c6e8;--green:#1f7a4d;
--red:#b3382c;--amber:#8a5a00;--amber-ground:#fff4d6;--red-ground:#fdeae7}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 12px}
h3{font-size:16px;margin:0;overflow-wrap:anywhere}
p{margin:0 0 8px}
.quiet{color:var(--quiet)}
section,.question{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:16px;margin-top:16px}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:10px;margin-top:16px}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.tile b{display:block;font-size:22px;line-height:1.3;font-variant-numeric:tabular-nums}
.tile span{color:var(--quiet);font-size:13px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:5px 8px;text-align:right;border-bottom:1px solid var(--line);vertical-align:middle;white-space:nowrap}
th{font-weight:600;color:var(--quiet);font-size:13px}
th:first-child,td:first-child,.left{text-align:left}
td.text{white-space:normal;text-align:left;min-width:220px}
tbody tr:last-child td{border-bottom:0}
a{color:var(--blue);text-decoration:none}
a:hover{text-decoration:underline}
.remark{margin:0 0 4px;padding:3px 8px;border-radius:5px;background:var(--amber-ground);color:var(--amber);font-size:13.5px}
.remark.grave{background:var(--red-ground);color:var(--red)}
.note{margin:8px 0 0;padding:8px 12px;border-radius:6px;background:var(--amber-ground);color:var(--amber)}
.meter{display:inline-block;width:74px;height:9px;border-radius:3px;background:#e6ebf1;vertical-align:middle;margin-right:8px;overflow:hidden}
.meter i{display:block;height:100%;background:var(--blue)}
.meter.right i{background:var(--green)}
.meter.wrong i{background:var(--pale)}
.questions{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,500px),1fr));gap:16px;margin-top:16px}
.question{margin:0;break-inside:avoid}
.question header{display:flex;flex-wrap:wrap;gap:2px 14px;align-items:baseline;margin-bottom:8px}
.question .parts{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start}
.question table{flex:1 1 230px;width:auto}
.question svg.traces{flex:0 1 230px;min-width:190px;max-width:260px}
.question .remarks{margin-top:8px}
tr.right td:first-child{color:var(--green);font-weight:700}
.key{font-weight:400;font-size:12px}
svg{display:block;width:100%;height:auto}
svg.range{width:200px}
svg text{font-size:11px;fill:var(--ink)}
svg.chart text{font-size:12px}
svg .quiet{fill:var(--quiet)}
svg .middle{text-anchor:middle}
svg .end{text-anchor:end}
svg .strong{font-weight:700}
svg .label{font-size:11px;fill:var(--red);paint-order:stroke;stroke:#fff;stroke-width:3px}
.grid{stroke:var(--line);stroke-width:1}
.axis{stroke:var(--quiet);stroke-width:1}
.bar{fill:var(--blue)}
.spread{fill:var(--pale)}
.mean{stroke:var(--red);stroke-width:1.5}
.dot{fill:var(--blue);fill-opacity:.75}
.dot.doubtful{fill:var(--red)}
.trace{fill:none;stroke:#8d99a8;stroke-width:1.5}
.trace.right{stroke:var(--green);stroke-width:2.5}
.trace.blank{stroke-dasharray:3 3}
.whisker{stroke:var(--quiet);stroke-width:1.5}
.quartiles{fill:var(--pale)}
.median{stroke:var(--ink);stroke-width:2}
dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:4px 16px}
dt{font-weight:600}
dd{margin:0}
@media (max-width:520px){dl{grid-template-columns:1fr}dd{margin-bottom:6px}main{padding:16px 10px 32px}section,.question{padding:12px}
.tiles{grid-template-columns:repeat(2,1fr)}.optional{display:none}.meter{width:44px}svg.chart text{font-size:19px}td.text{min-width:150px}th,td{padding:5px}}
@page{margin:14mm}
@media print{body{background:#fff;font-size:11px}main{max-width:none;padding:0}section,.tile,.question{border-color:#bbb}
section{break-inside:auto}h2{break-after:avoid}tr,svg{break-inside:avoid}.wide{overflow:visible}a{color:inherit}
.questions{display:block;columns:2;column-gap:12px}.question{margin-bottom:12px;padding:10px}svg.chart{max-height:210px}
.question .meter{display:none}.question table{flex:1 1 120px}.question svg.traces{flex:1 1 130px;min-width:120px}th,td{padding:2px 5px}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";

}  // namespace sheafline::analyze
