package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The comparison with PyTorch, which a shell script plays here. */
@EnabledOnOs(
        value = {OS.LINUX, OS.MAC},
        disabledReason = "the script that plays PyTorch needs a shell")
final class TorchCheckTest {
    @TempDir
    Path folder;

    private final List<String> progress = new ArrayList<>();
    private final Rows rows = new Rows(progress::add);

    /** Runs the check with a script in place of tools/torch_cnn.py. */
    private void run(String... script) throws Exception {
        Path file = Files.write(folder.resolve("torch.sh"), List.of(script));
        new TorchCheck(Fakes.CPU, Scale.QUICK, "sh", file, folder.resolve("log")).run(rows);
    }

    @Test
    void comparesRoundByRound() throws Exception {
        run(
                "while read word rest; do",
                "  echo \"$word $rest\" >&2",
                "  case $word in",
                "    about) echo about PyTorch of the test ;;",
                "    prepare) case $rest in",
                "      cifar-cnn*) echo ready 2168362 upside-down ;;",
                "      *) echo ready 7 upside-down ;;",
                "    esac ;;",
                "    run) echo rate 1.5 ;;",
                "  esac",
                "done");
        Row row = rows.all().get(0);
        assertThat(row.name()).isEqualTo("torch.cifar-cnn-16.eager-fp32");
        assertThat(row.figure()).contains("PyTorch (upside-down) 2 images/s");
        assertThat(row.numbers().get("theirs")).isEqualTo(1.5);
        assertThat(row.numbers().get("ratio"))
                .isBetween(row.numbers().get("low"), row.numbers().get("high"));
        assertThat(progress).anyMatch(line -> line.contains("PyTorch of the test"));
        // The CPU has no TF32 and captures no steps.
        assertThat(rows.count(Row.Verdict.SKIPPED)).isEqualTo(3);
        Row other = rows.all().get(1);
        assertThat(other.name()).isEqualTo("torch.resnet20-2.eager-fp32");
        assertThat(other.verdict()).as("a net that is not ours").isEqualTo(Row.Verdict.FAILED);
        assertThat(other.figure()).isEqualTo("PyTorch's net has 7 parameters and ours 272474: they differ");
        assertThat(Files.readAllLines(folder.resolve("log")))
                .containsExactly(
                        "about ",
                        "prepare cifar-cnn eager-fp32 16 " + 3 * 0.05,
                        "run 0.05",
                        "run 0.05",
                        "prepare resnet20 eager-fp32 2 " + 3 * 0.05);
    }

    @Test
    void saysWhyThereIsNoComparison() throws Exception {
        run("read line", "echo failed PyTorch is not installed");
        assertThat(rows.all()).hasSize(1);
        assertThat(rows.all().get(0).verdict()).isEqualTo(Row.Verdict.SKIPPED);
        assertThat(rows.all().get(0).figure()).contains("PyTorch is not installed");
    }

    @Test
    void saysThatThereIsNoPython() throws Exception {
        new TorchCheck(Fakes.CPU, Scale.QUICK, "no-such-python", folder, folder.resolve("log")).run(rows);
        assertThat(rows.all().get(0).verdict()).isEqualTo(Row.Verdict.SKIPPED);
        assertThat(rows.all().get(0).figure()).contains("no-such-python");
    }
}
