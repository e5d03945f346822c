package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alborz.optim.Optimizers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LrFindCommandTest {
    @TempDir
    Path folder;

    private static CommandResult find(Object... more) {
        return CommandResult.of(Stream.concat(
                        Stream.of("lr-find", "mlp", "--backend", "cpu-scalar", "--limit", "16", "--batch-size", "8"),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void suggestsARateAndWritesTheCurve() throws IOException {
        Path out = folder.resolve("curve");
        Path json = folder.resolve("report.json");
        CommandResult result =
                find("--steps", 12, "--start", "1e-4", "--end", 1, "--optimizer", "sgd", "--out", out, "--json", json);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("Suggested learning rate of sgd for mlp: ", "Wrote " + out);
        assertThat(Files.readAllLines(out.resolve("curve.csv"))).hasSizeBetween(3, 13);
        assertThat(out.resolve("curve.svg")).content().contains("<polyline");
        assertThat(json).content().contains("\"suggestion\"", "\"smoothedLoss\"", "\"optimizer\"");
        try (Stream<Path> written = Files.list(out)) {
            assertThat(written.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder("curve.csv", "curve.svg");
        }
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThat(find("--start", 1, "--end", 0.1).err()).contains("--end expects a learning rate above --start");
        assertThat(find("--json", folder.resolve("curve.csv"), "--out", folder).err())
                .contains("--json expects a file of its own");
        assertThat(find("--steps", 1).err()).contains("--steps expects at least 2, got 1");
        CommandResult unknown = find("--optimizer", "adamm");
        assertThat(unknown.code()).isNotZero();
        assertThat(unknown.err()).contains("--optimizer", "adamw, amsgrad");
    }

    @Test
    void everyOptimizerHasAUsualLearningRate() {
        for (String name : Optimizers.NAMES) {
            assertThat(Optimizers.byName(name, Optimizers.usualLearningRate(name), Optimizers.usualWeightDecay(name))
                            .learningRate())
                    .as(name)
                    .isPositive();
        }
        assertThat(CommandResult.of("train", "--help").out().replaceAll("\\s+", " "))
                .contains(String.join(", ", Optimizers.NAMES.subList(0, Optimizers.NAMES.size() - 1)) + " or muon");
    }
}
