package org.alborz.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.alborz.data.Dataset;
import org.alborz.monitor.Report;
import org.alborz.tensor.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the page of a run. */
@Command(
        name = "report",
        description =
                "Writes report.html into the folder of a run: curves, confusion matrix, worst mistakes, first-layer"
                        + " filters, settings and times, in one file that loads nothing. train writes it at its end as"
                        + " well.")
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "The folder of the run, such as runs/NAME.")
    private Path run;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder that the run's data have moved to (default: where they were).")
    private String data;

    @Option(
            names = "--no-evaluation",
            description = "Leave out what has to be measured: confusion matrix, mistakes, filters. Needs no data.")
    private boolean withoutEvaluation;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        backend.check();
        json.check();
        RunFolder folder = new RunFolder(run);
        RunReport page = new RunReport(folder);
        page.requireRun();
        json.requireNone(folder.written());
        Report report = withoutEvaluation || !page.canBeMeasured() ? page.figures() : measured(page);
        page.write(report);
        json.write(report);
        Screen.of(spec).line("Wrote %s", folder.report());
        return ExitCodes.OK;
    }

    private Report measured(RunReport page) {
        SavedModel saved = SavedModel.read(page.weights());
        DataSource source = saved.source(data, saved.settings().limit());
        json.requireNoneOf(source);
        Dataset samples = source.validation();
        try (Session session = backend.open()) {
            return page.measured(session, samples, Screen.of(spec));
        }
    }
}
