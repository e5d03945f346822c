package org.alborz.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Draws a study as a page: an axis for each dimension and one for the value, and a line for each trial (Inselberg 1985), the better the
 * darker, the best in its own colour. The page needs no network and no scripts.
 */
public final class ParallelCoordinates {
    private static final int AXIS_DISTANCE = 150;
    private static final int HEIGHT = 420;
    private static final int TOP = 60;
    private static final int BOTTOM = 40;
    private static final int SIDE = 70;
    private static final int TICKS = 4;

    private final Study study;
    private final List<Dimension> dimensions;
    private final List<Trial> ranked;

    /** Ends of the axis of the value, such that the better is above. */
    private final double best;

    private final double worst;

    private ParallelCoordinates(Study study) {
        this.study = study;
        dimensions = study.space().dimensions();
        ranked = study.direction().ranked(study.trials());
        double first = ranked.isEmpty() ? 0 : ranked.get(0).value();
        double last =
                ranked.isEmpty() ? 1 : ranked.get((ranked.size() - 1) * 9 / 10).value();
        best = first;
        worst = last == first ? first + (study.direction() == Direction.MINIMIZE ? 1 : -1) : last;
    }

    /** Returns the page as HTML. Of the values the worst tenth is drawn at the end of the axis. */
    public static String html(Study study, String title) {
        return new ParallelCoordinates(study).page(title);
    }

    private String page(String title) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title>
                <style>
                :root { color-scheme: light dark; --text: #1c1c1c; --line: #3465a4; --best: #c4451c; --axis: #888; --back: #fff; }
                @media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --line: #8ab4f8; --best: #ff9e64; --axis: #777; --back: #16181c; } }
                body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; color: var(--text); background: var(--back); }
                .scroll { overflow-x: auto; }
                svg text { fill: var(--text); font-size: 12px; }
                svg .axis { stroke: var(--axis); }
                svg .trial { fill: none; stroke: var(--line); stroke-width: 1.5; }
                svg .trial:hover { stroke-width: 4; opacity: 1; }
                svg .best { stroke: var(--best); stroke-width: 3; }
                table { border-collapse: collapse; }
                td, th { text-align: left; padding: .15rem .9rem .15rem 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
                </style>
                </head>
                <body>
                <h1>%1$s</h1>
                <p>%2$s</p>
                <div class="scroll">
                %3$s</div>
                <div class="scroll">
                %4$s</div>
                </body>
                </html>
                """.formatted(escape(title), escape(summary()), svg(), table());
    }

    private String summary() {
        long stopped = study.trials().stream()
                .filter(trial -> trial.state() == Trial.State.STOPPED)
                .count();
        long failed = study.trials().stream()
                .filter(trial -> trial.state() == Trial.State.FAILED)
                .count();
        Optional<Trial> found = study.best();
        return study.trials().size() + " trials, " + stopped + " of them stopped early, " + failed + " failed; "
                + found.map(trial -> "best: " + Settings.text(trial.value()) + " by trial " + trial.number() + ", "
                                + trial.settings())
                        .orElse("none has a value");
    }

    private String svg() {
        int width = 2 * SIDE + dimensions.size() * AXIS_DISTANCE;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Parallel coordinates\">%n",
                width,
                HEIGHT,
                width,
                HEIGHT));
        for (int i = 0; i <= dimensions.size(); i++) {
            axis(svg, i);
        }
        for (int i = ranked.size() - 1; i >= 0; i--) { // the best on top
            line(svg, ranked.get(i), i);
        }
        return svg.append("</svg>\n").toString().replace(System.lineSeparator(), "\n");
    }

    private void axis(StringBuilder svg, int index) {
        double x = x(index);
        boolean isValue = index == dimensions.size();
        add(svg, "<line class=\"axis\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x, TOP, x, HEIGHT - BOTTOM);
        String name = isValue ? "value" : dimensions.get(index).name();
        add(
                svg,
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" font-weight=\"bold\">%s</text>",
                x,
                TOP - 30,
                escape(name));
        List<Object> marks = new ArrayList<>();
        if (isValue) {
            for (int i = 0; i < TICKS; i++) {
                marks.add(worst + (best - worst) * i / (TICKS - 1));
            }
        } else {
            marks.addAll(dimensions.get(index).grid(TICKS));
        }
        for (Object mark : marks) {
            double y = isValue ? valueY((Double) mark) : y(dimensions.get(index).unit(mark));
            add(svg, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", x + 5, y + 4, escape(Settings.text(mark)));
        }
    }

    private void line(StringBuilder svg, Trial trial, int rank) {
        double[] units = study.space().units(trial.settings());
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < units.length; i++) {
            if (trial.settings().has(dimensions.get(i).name())) {
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y(units[i])));
            }
        }
        points.append(String.format(Locale.ROOT, "%.1f,%.1f", x(units.length), valueY(trial.value())));
        double opacity = rank == 0 ? 1 : 0.75 - 0.6 * rank / ranked.size();
        add(
                svg,
                "<polyline class=\"trial%s\" opacity=\"%.2f\" points=\"%s\"><title>trial %d: %s, %s</title></polyline>",
                rank == 0 ? " best" : "",
                opacity,
                points,
                trial.number(),
                Settings.text(trial.value()),
                escape(trial.settings().toString()));
    }

    private String table() {
        TrialTable table = TrialTable.of(study);
        StringBuilder html = new StringBuilder("<table>\n<tr><th>trial</th><th>value</th><th>state</th>");
        table.names().forEach(name -> html.append("<th>").append(escape(name)).append("</th>"));
        html.append("<th></th></tr>\n");
        for (TrialTable.Row row : table.rows()) {
            html.append("<tr><td>")
                    .append(row.trial().number())
                    .append("</td><td>")
                    .append(Settings.text(row.trial().value()))
                    .append("</td><td>")
                    .append(row.trial().state().name().toLowerCase(Locale.ROOT))
                    .append("</td>");
            row.settings()
                    .forEach(text -> html.append("<td>").append(escape(text)).append("</td>"));
            html.append("<td>").append(escape(row.trial().message())).append("</td></tr>\n");
        }
        return html.append("</table>\n").toString();
    }

    private static double x(int axis) {
        return SIDE + axis * (double) AXIS_DISTANCE;
    }

    private static double y(double unit) {
        return HEIGHT - BOTTOM - unit * (HEIGHT - TOP - BOTTOM);
    }

    private double valueY(double value) {
        return y(Math.max(0, Math.min(1, (value - worst) / (best - worst))));
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
