package org.alborz.gpucheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The results of {@code tools/gpu-first-run} in Markdown, ready for {@code docs/gpu-results.md}.
 *
 * @param reports of {@code gpu-check}, by the stage that made them
 * @param unreadable stages whose report was not whole
 * @param kernels the longest time first; empty where none were timed
 */
record FirstRunTables(
        List<FirstRunReport.Stage> stages,
        Map<String, GpuCheck.Report> reports,
        List<String> unreadable,
        List<KernelTime> kernels) {
    private static final int MOST_KERNELS = 40;
    private static final String TRAINING = "train";
    private static final String TORCH = "torch";
    private static final String ALGORITHMS = "algorithms";

    /** While kernels are timed, the speed is not that of a training. */
    private static final String KERNELS = "kernels";

    String markdown() {
        StringBuilder text = new StringBuilder("# Results on a real GPU\n\nMade by `tools/gpu-first-run`");
        text.append(
                reports.values().stream().anyMatch(GpuCheck.Report::quick) ? " with `--quick`: no figures.\n" : ".\n");
        heading(text);
        stageTable(text);
        training(text);
        torch(text);
        algorithms(text);
        kernelTable(text);
        checks(text);
        return text.toString();
    }

    private void heading(StringBuilder text) {
        Map<String, String> lines = new LinkedHashMap<>();
        reports.values().forEach(report -> lines.putAll(report.heading()));
        table(
                text,
                "The machine",
                List.of("", ""),
                lines.entrySet().stream()
                        .map(e -> List.of(e.getKey(), e.getValue()))
                        .toList());
    }

    private void stageTable(StringBuilder text) {
        table(
                text,
                "Stages",
                List.of("stage", "verdict", "seconds", "limit"),
                stages.stream()
                        .map(s -> List.of(
                                s.name(),
                                s.verdict() + (unreadable.contains(s.name()) ? "; its report is not whole" : ""),
                                s.seconds(),
                                s.limit()))
                        .toList());
    }

    private void training(StringBuilder text) {
        List<List<String>> lines = new ArrayList<>();
        for (Row row : measured(TRAINING)) {
            String unit = row.numbers().keySet().stream()
                    .filter(key -> !key.equals("low") && !key.equals("high"))
                    .findFirst()
                    .orElseThrow();
            lines.add(List.of(
                    row.name(),
                    unit,
                    number("%,.0f", row, unit),
                    number("%,.0f", row, "low"),
                    number("%,.0f", row, "high")));
        }
        table(text, "Training", List.of("net, batch and type", "unit", "median", "lowest", "highest"), lines);
    }

    private void torch(StringBuilder text) {
        byTurns(
                text,
                TORCH,
                "Against PyTorch, images a second by turns",
                List.of("net, batch and PyTorch's mode", "Alborz", "PyTorch", "ratio", "lowest", "highest"));
    }

    private void algorithms(StringBuilder text) {
        byTurns(
                text,
                ALGORITHMS,
                "Timed algorithms of convolutions against cuDNN's heuristics, images a second by turns",
                List.of("net, batch and type", "timed", "heuristics", "ratio", "lowest", "highest"));
    }

    private void byTurns(StringBuilder text, String stage, String title, List<String> head) {
        List<List<String>> lines = measured(stage).stream()
                .map(row -> List.of(
                        row.name(),
                        number("%,.0f", row, "ours"),
                        number("%,.0f", row, "theirs"),
                        number("%.2f", row, "ratio"),
                        number("%.2f", row, "low"),
                        number("%.2f", row, "high")))
                .toList();
        table(text, title, head, lines);
    }

    private List<Row> measured(String stage) {
        GpuCheck.Report report = reports.get(stage);
        return report == null
                ? List.of()
                : report.rows().stream().filter(row -> !row.numbers().isEmpty()).toList();
    }

    private void kernelTable(StringBuilder text) {
        double all = kernels.stream().mapToDouble(KernelTime::micros).sum();
        table(
                text,
                "Time on the device, all nets, batches and types of the stage `kernels` together",
                List.of("kernel or copy", "launches", "ms", "share", "mean µs", "blocks or bytes", "threads"),
                kernels.stream()
                        .limit(MOST_KERNELS)
                        .map(k -> List.of(
                                "`" + k.name() + "`",
                                format("%,d", k.launches()),
                                format("%,.2f", k.micros() * 1e-3),
                                format("%.1f %%", 100 * k.micros() / all),
                                format("%.2f", k.mean()),
                                format("%,d", k.work()),
                                format("%d", k.threads())))
                        .toList());
    }

    /** What passed, failed or was skipped, and other measurements. */
    private void checks(StringBuilder text) {
        List<List<String>> lines = new ArrayList<>();
        reports.forEach((stage, report) -> report.rows().stream()
                .filter(row -> row.numbers().isEmpty()
                        || !List.of(TRAINING, TORCH, ALGORITHMS, KERNELS).contains(stage))
                .forEach(row -> lines.add(List.of(
                        stage, row.name(), row.verdict().toString(), format("%.1f", row.seconds()), row.figure()))));
        table(text, "Checks and other measurements", List.of("stage", "check", "verdict", "seconds", "figure"), lines);
    }

    /** Adds a table with its title; nothing where it has no lines. */
    private static void table(StringBuilder text, String title, List<String> head, List<List<String>> lines) {
        if (lines.isEmpty()) {
            return;
        }
        text.append("\n## ").append(title).append("\n\n");
        line(text, head);
        text.append("|---".repeat(head.size())).append("|\n");
        lines.forEach(cells -> line(text, cells));
    }

    private static void line(StringBuilder text, List<String> cells) {
        cells.forEach(cell -> text.append("| ").append(cell.replace("|", "\\|")).append(' '));
        text.append("|\n");
    }

    private static String number(String format, Row row, String key) {
        return format(format, row.numbers().get(key));
    }

    private static String format(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }
}
