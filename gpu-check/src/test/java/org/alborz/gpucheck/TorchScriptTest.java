package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What PyTorch runs keeps its protocol, with and without PyTorch. */
final class TorchScriptTest {
    private static List<String> answers(String commands) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(
                            "python3", Path.of("..", "tools", "torch_cnn.py").toString(), "cpu")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            abort("SKIPPED: there is no python3 here (" + e.getMessage() + ")");
            return List.of();
        }
        process.getOutputStream().write(commands.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("the exit code; its messages stand above")
                .isZero();
        return text.lines().toList();
    }

    @Test
    void answersEachCommandByALine() throws Exception {
        List<String> answers =
                answers("about\nrun 1\nprepare cifar-cnn eager-fp99 16 1\nprepare cnn eager-fp32 16 1\nsomething\n");
        assertThat(answers).hasSize(5);
        assertThat(answers.get(0)).matches("(about|failed) PyTorch .*");
        assertThat(answers.subList(1, 5)).allMatch(answer -> answer.startsWith("failed "));
    }
}
