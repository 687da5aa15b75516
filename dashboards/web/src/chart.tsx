// SPDX-License-Identifier: Apache-2.0
// chart: a time series drawn by uPlot, with the same numbers as a table for those who cannot see it.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { hour, number } from './text';

export type Line = { name: string; colour: string; values: number[] };
type Props = { label: string; start: string; step: number; lines: Line[] };

const styleOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(props: Props, width: number): uPlot.Options {
  const axis = { stroke: styleOf('--text'), grid: { stroke: styleOf('--line'), width: 1 }, font: '12px sans-serif' };
  return {
    width, height: 170, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [{ ...axis, values: (_, ticks) => ticks.map(hour), space: 60 }, { ...axis, size: 56, values: (_, ticks) => ticks.map((each) => Number.isInteger(each) ? number(each) : '') }],
    series: [{}, ...props.lines.map((line) => ({ label: line.name, stroke: line.colour, width: 2, points: { show: false } }))],
  };
}

export function Chart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const from = Date.parse(props.start) / 1000;
    const times = (props.lines[0]?.values ?? []).map((_, index) => from + index * props.step);
    const plot = new uPlot(options(props, element.clientWidth), [times, ...props.lines.map((line) => line.values)], element);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 170 }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [props.start, JSON.stringify(props.lines)]);
  return (
    <figure class="chart">
      <figcaption>{props.label}<span class="legend">{props.lines.map((line) => (
        <span key={line.name}><svg width="18" height="8" aria-hidden="true"><line x1="0" y1="4" x2="18" y2="4" stroke={line.colour} stroke-width="3" /></svg> {line.name}</span>
      ))}</span></figcaption>
      <div ref={box} aria-hidden="true" />
      <table class="unseen"><caption>{props.label}</caption>
        <thead><tr><th scope="col" />{props.lines.map((line) => <th scope="col" key={line.name}>{line.name}</th>)}</tr></thead>
        <tbody>{(props.lines[0]?.values ?? []).map((_, index) => (
          <tr key={index}><th scope="row">{hour(Date.parse(props.start) / 1000 + index * props.step)}</th>
            {props.lines.map((line) => <td key={line.name}>{number(line.values[index] ?? 0)}</td>)}</tr>
        ))}</tbody>
      </table>
    </figure>
  );
}
