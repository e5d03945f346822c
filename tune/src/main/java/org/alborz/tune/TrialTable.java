package org.alborz.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alborz.text.Csv;
import org.alborz.text.Given;
import org.alborz.text.TextTable;

/**
 * The trials of a study as a table: the best first, then those without a value.
 *
 * @param names of the dimensions, in the order of the columns
 * @param rows one a trial
 */
public record TrialTable(List<String> names, List<Row> rows) {
    /**
     * A trial, and the texts of its settings; empty where it has no value of a dimension.
     *
     * @param trial the trial
     * @param settings one for each column
     */
    public record Row(Trial trial, List<String> settings) {}

    /** Returns the table of a study's trials. */
    public static TrialTable of(Study study) {
        Given.value(study, "TrialTable", "a study");
        List<String> names =
                study.space().dimensions().stream().map(Dimension::name).toList();
        List<Trial> trials = study.trials();
        List<Trial> ordered = new ArrayList<>(study.direction().ranked(trials));
        trials.stream().filter(trial -> !trial.hasValue()).forEach(ordered::add);
        return new TrialTable(
                names,
                ordered.stream()
                        .map(trial -> new Row(trial, settings(names, trial.settings())))
                        .toList());
    }

    private static List<String> settings(List<String> names, Settings settings) {
        return names.stream()
                .map(name ->
                        settings.has(name) ? Settings.text(settings.values().get(name)) : "")
                .toList();
    }

    /** Returns lines to print, at most so many trials. */
    public String text(int most) {
        TextTable table = new TextTable(Stream.concat(Stream.of(">trial", ">value", "state"), names.stream())
                .toArray(String[]::new));
        for (Row row : rows.subList(0, Math.min(most, rows.size()))) {
            table.row(Stream.concat(
                            Stream.of(
                                    Integer.toString(row.trial.number()),
                                    String.format(Locale.ROOT, "%.5g", row.trial.value()),
                                    row.trial.state().name().toLowerCase(Locale.ROOT)),
                            row.settings.stream())
                    .toArray(String[]::new));
        }
        return table + (rows.size() > most ? "… " + (rows.size() - most) + " more\n" : "");
    }

    /** Returns all as comma-separated values (RFC 4180), with full digits. */
    public String csv() {
        StringBuilder csv = new StringBuilder("trial,value,state,budget,seconds");
        names.forEach(name -> csv.append(',').append(quoted(name)));
        csv.append(",message\n");
        for (Row row : rows) {
            Trial trial = row.trial;
            csv.append(trial.number())
                    .append(',')
                    .append(trial.value())
                    .append(',')
                    .append(trial.state())
                    .append(',')
                    .append(trial.budget())
                    .append(',')
                    .append(String.format(Locale.ROOT, "%.3f", trial.seconds()))
                    .append(',')
                    .append(names.stream()
                            .map(name -> trial.settings().has(name)
                                    ? quoted(trial.settings().values().get(name).toString())
                                    : "")
                            .collect(Collectors.joining(",")))
                    .append(',')
                    .append(quoted(trial.message()))
                    .append('\n');
        }
        return csv.toString();
    }

    private static String quoted(String text) {
        return Csv.field(text, ",");
    }
}
