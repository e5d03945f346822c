package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The stages of {@code tools/gpu-first-run}, with a shell script that crashes, hangs and fails in place of Java. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the bundle is one for Linux")
final class FirstRunTest {
    @TempDir
    Path folder;

    private BundleFolder bundle(String... cases) throws Exception {
        String[] java = new String[cases.length + 5];
        java[0] = "case \"$*\" in";
        System.arraycopy(cases, 0, java, 1, cases.length);
        java[cases.length + 1] = "    *FirstRunReport*) echo table >\"${@: -1}/gpu-results.md\" ;;";
        java[cases.length + 2] = "    *--only*) text=\"$*\"; echo \"checks ${text##*--only }\" ;;";
        java[cases.length + 3] = "    *doctor*) echo well ;;";
        java[cases.length + 4] = "esac";
        return BundleFolder.make(folder, java);
    }

    @Test
    void aStageThatCrashesHangsOrFailsKeepsNoOtherFromRunning() throws Exception {
        BundleFolder bundle = bundle(
                "    *'--only training,captured'*) echo before the crash; kill -SEGV $$ ;;",
                "    *'--only bench-train'*) exec sleep 60 ;;",
                "    *'--only conformance'*) exit 1 ;;",
                "    *'--only training '*) exit 255 ;;");
        int exit = bundle.firstRun(Map.of(), "--limit", "train=0.2", "--python", "no-such-python");
        assertThat(exit).as(bundle.output()).isEqualTo(1);
        assertThat(Files.readAllLines(bundle.out().resolve("stages.tsv")))
                .map(line -> line.split("\t")[0] + ": " + line.split("\t")[1])
                .contains(
                        "machine: passed",
                        "doctor: passed",
                        "smoke: crashed: signal 11 (SEGV)",
                        "train: hung: no end within 0.2 s",
                        "torch: passed",
                        "algorithms: passed",
                        "cudnn: failed: exit code 255",
                        "checks: failed: exit code 1",
                        "rest: passed")
                .hasSize(10);
        assertThat(bundle.output())
                .contains("These stages did not pass:\n  smoke: crashed", "\n  train: hung", "\n  checks: failed")
                .contains("kernels", "SKIPPED: the bundle has no tools/libkernel_times.so");
        assertThat(bundle.out().resolve("run.log")).content().contains("before the crash", "checks leaks");
        assertThat(bundle.out().resolve("env.txt")).isNotEmptyFile();
        assertThat(bundle.out().resolve("gpu-results.md")).hasContent("table");
    }

    @Test
    void whatPassesOrIsSkippedForAReasonIsNoFailure() throws Exception {
        BundleFolder bundle = bundle();
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,kernels", "--quick"))
                .as(bundle.output())
                .isZero();
        assertThat(bundle.out().resolve("stages.tsv")).content().contains("doctor\tpassed", "kernels\tSKIPPED: ");
    }

    @Test
    void aLastStageThatIsSkippedOrNotBegunIsInTheReport() throws Exception {
        BundleFolder bundle = bundle("    *FirstRunReport*) cp \"${@: -1}\"/{stages.tsv,gpu-results.md} ;;");
        Path report = bundle.out().resolve("gpu-results.md");
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,kernels"))
                .as(bundle.output())
                .isZero();
        assertThat(report).content().contains("kernels\tSKIPPED: the bundle has no tools/libkernel_times.so");
        bundle.firstRun(Map.of(), "--only", "doctor,smoke", "--minutes", "0");
        assertThat(report).content().contains("doctor\tnot begun: ", "smoke\tnot begun: ");
    }

    @Test
    void aLastReportThatCannotBeMadeIsAFailure() throws Exception {
        BundleFolder bundle =
                bundle("    *FirstRunReport*) cd \"${@: -1}\" && [ ! -f gpu-results.md ] && echo 1 >gpu-results.md ;;");
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,smoke")).isEqualTo(1);
        assertThat(bundle.output())
                .contains("== the report could not be made: exit code 1", "gpu-results.md is missing or not complete")
                .doesNotContain("did not pass");
    }

    @Test
    void aRunThatIsEndedReportsTheStageThatRan() throws Exception {
        BundleFolder bundle = bundle(
                "    *FirstRunReport*) cp \"${@: -1}\"/{stages.tsv,gpu-results.md} ;;",
                // the parent of timeout, which is the parent of this
                "    *'--only training,captured'*) echo before; read -r _ _ _ run _ </proc/$PPID/stat; kill $run;"
                        + " exec sleep 60 ;;");
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,smoke,train"))
                .as(bundle.output())
                .isEqualTo(143);
        assertThat(Files.readAllLines(bundle.out().resolve("gpu-results.md")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("doctor\tpassed\t"),
                        line -> assertThat(line)
                                .startsWith("smoke\tinterrupted: signal TERM\t")
                                .endsWith("\t75.0"));
        assertThat(bundle.out().resolve("run.log")).content().contains("before");
    }

    @Test
    void noStageBeginsWhenTheTimeIsOver() throws Exception {
        BundleFolder bundle = bundle();
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,smoke", "--minutes", "0"))
                .isEqualTo(1);
        assertThat(bundle.output())
                .contains("  doctor: not begun: the 0 minutes of --minutes were over", "  smoke: not");
    }

    @Test
    void wrongUsageIsNamed() throws Exception {
        BundleFolder bundle = bundle();
        assertThat(bundle.firstRun(Map.of(), "--only", "doctor,speed")).isEqualTo(2);
        assertThat(bundle.output()).contains("--only expects some of machine doctor", "got 'speed'");
        assertThat(bundle.firstRun(Map.of(), "--limit", "train=soon")).isEqualTo(2);
        assertThat(bundle.output())
                .contains("--limit expects seconds above 0, with at most one decimal place, got 'train=soon'");
        assertThat(bundle.firstRun(Map.of(), "--limit", "train=0.0")).isEqualTo(2);
        assertThat(bundle.output()).contains("--limit expects seconds above 0", "got 'train=0.0'");
        assertThat(bundle.firstRun(Map.of("TMPDIR", "/tmp/a b"))).isEqualTo(2);
        assertThat(bundle.output()).contains("TMPDIR expects a path without blanks", "got '/tmp/a b'");
        assertThat(bundle.firstRun(Map.of("TMPDIR", folder.resolve("none").toString())))
                .isEqualTo(2);
        assertThat(bundle.output()).contains("no folder can be made in '" + folder.resolve("none") + "'");
        assertThat(bundle.firstRun(Map.of(), "--minutes")).isEqualTo(2);
        assertThat(bundle.output()).contains("--minutes expects a value");
    }

    @Test
    void aFolderThatIsNoBundleIsRefused() throws Exception {
        BundleFolder bundle = bundle();
        Files.delete(folder.resolve("runtime/bin/java"));
        assertThat(bundle.firstRun(Map.of())).isEqualTo(69);
        assertThat(bundle.output()).contains("there is no Java in", "remedy: run tools/gpu-bundle");
    }
}
