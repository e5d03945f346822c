package org.alborz.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.alborz.monitor.ReportPage;
import org.alborz.monitor.RunServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a run in the browser while it trains. */
@Command(
        name = "watch",
        description =
                "Serves the page of a run on this machine only, with figures that follow the training, until Ctrl-C."
                        + " It reads the run's files and does not disturb the training.")
final class WatchCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(WatchCommand.class);
    private static final int LAST_PORT = 65_535;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "The folder of the run, such as runs/NAME.")
    private Path run;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "6060",
            description = "Where to listen on localhost; 0 takes any free port (default: 6060).")
    private int port;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds as soon as the page is served; the figures themselves are at {@code data}. */
    record Report(String run, String address, String data) {}

    /** What was served last, for a moment in which the files cannot be read. */
    private volatile String latest;

    @Override
    public Integer call() {
        OptionChecks.between("--port", port, 0, LAST_PORT);
        json.check();
        RunFolder folder = new RunFolder(run);
        new RunReport(folder).requireRun();
        json.requireNone(folder.written());
        latest = figures(folder);
        CountDownLatch ended = new CountDownLatch(1);
        try (RunServer server = RunServer.start(port, () -> current(folder))) {
            Thread hook = new Thread(() -> end(server, ended), "alborz-watch-end");
            Runtime.getRuntime().addShutdownHook(hook);
            Screen.of(spec).line("Watching %s at %s  (Ctrl-C ends it)", folder.path(), server.address());
            json.write(new Report(
                    folder.path().toString(),
                    server.address().toString(),
                    server.address().resolve("data.json").toString()));
            ended.await();
        } catch (UncheckedIOException e) {
            throw new CommandFailure(ExitCodes.USAGE, e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCodes.OK;
    }

    private static void end(RunServer server, CountDownLatch ended) {
        server.close();
        ended.countDown();
    }

    private String current(RunFolder folder) {
        try {
            latest = figures(folder);
        } catch (RuntimeException e) {
            log.debug("The run could not be read now", e);
        }
        return latest;
    }

    /** Returns what the report of a finished run holds, and before there is one what the files say. */
    private static String figures(RunFolder folder) {
        return finished(folder).orElseGet(() -> ReportPage.json(new RunReport(folder).figures()));
    }

    private static Optional<String> finished(RunFolder folder) {
        try {
            FileTime written = modified(folder.report());
            for (Path file : List.of(folder.settingsFile(), folder.history(), folder.steps())) {
                if (modified(file).compareTo(written) > 0) {
                    return Optional.empty();
                }
            }
            return RunLock.isHeldElsewhere(folder)
                    ? Optional.empty()
                    : ReportPage.jsonOf(Files.readString(folder.report()));
        } catch (IOException e) {
            return Optional.empty(); // not written yet
        }
    }

    private static FileTime modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file);
    }
}
