package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class WatchCommandTest {
    private static final int SIGTERM = 143;
    private static final Pattern ADDRESS = Pattern.compile("http://localhost:\\d+/");

    @TempDir
    Path folder;

    @Test
    void servesAFinishedRunUntilItIsInterrupted() throws Exception {
        Path run = folder.resolve("run");
        CommandResult.train("--epochs", 1, "--out", run);
        int port = StartedCommand.freePort();
        AtomicReference<CommandResult> result = new AtomicReference<>();
        Thread thread = new Thread(() -> result.set(CommandResult.of("watch", run, "--port", port)));
        thread.start();

        JsonNode report = poll(URI.create("http://localhost:" + port + "/data.json"));
        thread.interrupt();
        thread.join();

        assertThat(report.get("status").asText()).isEqualTo("finished");
        assertThat(report.at("/evaluation/classes")).as("from report.html").hasSize(10);
        assertThat(result.get().code()).isZero();
        assertThat(result.get().out()).contains("http://localhost:" + port + "/", "Ctrl-C");
    }

    /** In JVMs of their own: a training, and what watches it. */
    @Test
    @Tag("sweep")
    void followsATrainingAndEndsBySignal() throws Exception {
        Path run = folder.resolve("run");
        Process training = StartedCommand.start(
                folder.resolve("train.out"),
                "train",
                "mlp",
                "--backend",
                "cpu-scalar",
                "--limit",
                64,
                "--batch-size",
                32,
                "--epochs",
                5000,
                "--out",
                run);
        Process watch = null;
        try {
            while (!Files.exists(run.resolve("history.csv"))) {
                assertThat(training.isAlive()).isTrue();
                Thread.sleep(50);
            }
            Path printed = folder.resolve("watch.out");
            watch = StartedCommand.start(printed, "watch", run, "--port", 0);
            URI data = address(watch, printed).resolve("data.json");
            JsonNode first = poll(data);
            assertThat(first.get("status").asText()).isEqualTo("running");
            int epochs = first.get("epochs").size();
            while (poll(data).get("epochs").size() <= epochs) {
                Thread.sleep(50);
            }
            training.destroy();
            training.waitFor();
            JsonNode last = poll(data);
            assertThat(last.get("status").asText()).isEqualTo("stopped");
            assertThat(last.get("stopped").asText()).isEqualTo(Interruption.REASON);
            watch.destroy();
            assertThat(watch.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.exitValue()).isEqualTo(SIGTERM);
        } finally {
            training.destroyForcibly();
            if (watch != null) {
                watch.destroyForcibly();
            }
        }
    }

    private static URI address(Process watch, Path printed) throws Exception {
        while (watch.isAlive()) {
            Matcher address = ADDRESS.matcher(Files.readString(printed));
            if (address.find()) {
                return URI.create(address.group());
            }
            Thread.sleep(50);
        }
        throw new AssertionError(Files.readString(printed));
    }

    /** Asks until the server is there. */
    private static JsonNode poll(URI address) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        while (true) {
            try {
                String text = client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                        .body();
                return new ObjectMapper().readTree(text);
            } catch (IOException e) {
                Thread.sleep(50); // not yet
            }
        }
    }
}
