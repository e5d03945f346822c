package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BisectCommandTest {
    @TempDir
    Path folder;

    @Test
    void backendsAgreeWithinATolerance() throws IOException {
        Path json = folder.resolve("bisect.json");
        CommandResult alike = CommandResult.of(
                "bisect", "lenet5", "--backends", "cpu-scalar,cpu-vector", "--batch-size", 2, "--json", json);
        assertThat(alike.code()).as(alike.out() + alike.err()).isZero();
        assertThat(alike.out()).contains("cpu-vector, evaluation", "cpu-vector, training", "all within 0.0001");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.findValuesAsText("pass")).containsExactly("evaluation", "training");
        assertThat(report.get(1).get("operations").asInt())
                .isGreaterThan(report.get(0).get("operations").asInt());

        CommandResult exact = CommandResult.of("bisect", "lenet5", "--tolerance", 0);
        assertThat(exact.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(exact.out()).contains("First difference: step", "layer ", "Conv2dOp", "expected");
    }

    @Test
    void twoCheckpointsPartInTheFirstLayerThatDiffers() {
        Path a = folder.resolve("a");
        Path b = folder.resolve("b");
        assertThat(CommandResult.train("--epochs", 1, "--out", a).code()).isZero();
        assertThat(CommandResult.train("--epochs", 1, "--seed", 2, "--out", b).code())
                .isZero();
        CommandResult other = CommandResult.of(
                "bisect", a.resolve("best.safetensors"), b.resolve("best.safetensors"), "--backends", "cpu-scalar");
        assertThat(other.code()).as(other.err()).isEqualTo(ExitCodes.FAILED);
        assertThat(other.out()).contains("First difference: step 0, layer 0\n", "Conv2dOp");
        CommandResult same = CommandResult.of(
                "bisect",
                a.resolve("best.safetensors"),
                a.resolve("best.safetensors"),
                "--tolerance",
                0,
                "--backends",
                "cpu-scalar");
        assertThat(same.code()).as(same.out() + same.err()).isZero();
    }

    @Test
    void refusesWhatCannotBeCompared() {
        assertThat(CommandResult.of("bisect", "mlp", "--backends", "cpu-scalar").err())
                .contains("--backends expects two or more, the reference first, got cpu-scalar");
        assertThat(CommandResult.of("bisect", "mlp", "lenet5").err())
                .contains("bisect compares a checkpoint with a checkpoint");
        assertThat(CommandResult.of("bisect", "mlp", "--backends", "cpu-scalar,tpu")
                        .code())
                .isEqualTo(ExitCodes.BACKEND);
        assertThat(CommandResult.of("bisect", "mlp", "--tolerance", -1).err()).contains("--tolerance expects");
    }
}
