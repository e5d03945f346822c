package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
    @TempDir
    Path folder;

    @Test
    void thePageHoldsTheFigures() throws IOException {
        Report report = report("net");
        String page = ReportPage.of(report);

        JsonNode json = new ObjectMapper().readTree(ReportPage.jsonOf(page).orElseThrow());
        assertThat(json.get("title").asText()).isEqualTo("net");
        assertThat(json.get("epochs_in_all").asInt()).isEqualTo(12);
        assertThat(json.at("/steps/update_ratios/0.weight")).hasSize(24);
        assertThat(json.at("/evaluation/mistakes/0/truth_probability").asDouble())
                .isEqualTo(0.01);
        assertThat(page).contains("data-live=\"\"");
        assertThat(ReportPage.jsonOf("<html></html>")).isEmpty();
    }

    @Test
    void namesOfDataCannotBecomeMarkup() {
        String page = ReportPage.of(report("</script><script>alert(1)</script>"));

        assertThat(page).doesNotContain("alert(1)</script>").contains("\\u003cscript>alert(1)");
        assertThat(page.split("<script", -1)).hasSize(3); // the data and the program
    }

    /**
     * Chromium draws the page without a message of its console: wide and narrow, light and dark. The screenshots stay in
     * {@code target/screenshots}.
     */
    @Test
    @Tag("sweep")
    void chromiumDrawsThePage() throws Exception {
        String chromium = chromium();
        if (chromium == null) {
            System.err.println(
                    "!!!! SKIPPED: the report is not drawn: there is no chromium or google-chrome on the path");
        }
        assumeThat(chromium).isNotNull();
        Path page = Files.writeString(folder.resolve("report.html"), ReportPage.of(report("cifar-cnn")));
        Path shots = Files.createDirectories(Path.of("target/screenshots"));
        for (boolean dark : new boolean[] {false, true}) {
            for (int width : new int[] {1400, 500}) { // headless windows are not narrower
                Path shot = shots.resolve("report-" + width + (dark ? "-dark" : "-light") + ".png");
                List<String> arguments = new ArrayList<>(List.of(
                        "--screenshot=" + shot.toAbsolutePath(),
                        "--window-size=" + width + ",2200",
                        "--hide-scrollbars"));
                if (dark) {
                    arguments.add("--blink-settings=preferredColorScheme=0");
                }
                run(chromium, page, arguments);
                assertThat(Files.size(shot)).isGreaterThan(20_000);
            }
        }
        String drawn = run(chromium, page, List.of("--dump-dom"));
        assertThat(drawn).contains("<svg", "<path", "Confusion matrix", "Worst mistakes", "Ratio of update to weight");
        assertThat(drawn.split("class=\"chart\"", -1)).hasSizeGreaterThan(5);
    }

    private static String chromium() {
        for (String name : List.of("chromium", "google-chrome", "chromium-browser")) {
            for (String place : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
                if (Files.isExecutable(Path.of(place, name))) {
                    return name;
                }
            }
        }
        return null;
    }

    private String run(String chromium, Path page, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=4000",
                "--enable-logging=stderr"));
        command.addAll(arguments);
        command.add(page.toUri().toString());
        Path log = folder.resolve("log");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            process.getInputStream().transferTo(out);
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(log)).doesNotContain("CONSOLE");
            return out.toString(StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Report report(String title) {
        List<Map<String, Double>> epochs = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            Map<String, Double> epoch = new LinkedHashMap<>();
            epoch.put("epoch", (double) i);
            epoch.put("loss", 2.2 / i + 0.1);
            epoch.put("accuracy", 1 - 0.8 / i);
            epoch.put("val_loss", i == 3 ? null : 2.3 / i + 0.25);
            epoch.put("val_accuracy", 1 - 0.9 / i);
            epoch.put("learning_rate", 0.01);
            epoch.put("seconds", 3.5);
            epoch.put("images_per_second", 1000.0 + i);
            epochs.add(epoch);
        }
        List<Double> at = new ArrayList<>();
        List<Double> time = new ArrayList<>();
        List<Double> loss = new ArrayList<>();
        List<Double> rate = new ArrayList<>();
        List<Double> ratio = new ArrayList<>();
        for (int i = 1; i <= 24; i++) {
            at.add(i / 2.0);
            time.add(1.8e9 + i);
            loss.add(3.0 / i);
            rate.add(0.01 - i * 1e-4);
            ratio.add(Math.pow(10, -2 - i / 20.0));
        }
        String picture = Picture.scaled(2, 2, 3, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
                .toDataUri();
        List<String> classes = List.of("aeroplane", "cat", "dog");
        return new Report(
                title,
                "CIFAR-10 · cpu-vector",
                Report.Status.finished,
                null,
                12,
                epochs,
                new Report.Steps(at, time, loss, rate, Map.of("0.weight", ratio)),
                123_456L,
                new ClassifierReport(
                        classes,
                        new long[][] {{90, 5, 5}, {1, 70, 29}, {0, 40, 60}},
                        List.of(new ClassifierReport.Mistake(picture, "cat", "dog", 0.98, 0.01)),
                        "Measured on the test images."),
                List.of(picture, picture),
                Map.of("Optimizer", "adam"),
                Map.of("Java", "17"),
                Map.of("Training", "42 s"),
                "Alborz");
    }
}
