package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.alborz.softwarecuda.SoftwareCuda;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/gpu-first-run} as a whole on the software GPU: one JVM crashes, one waits for a PyTorch that never answers. */
@Tag("sweep") // it starts a JVM for every stage and report, one of which has to hang for a while: half a minute
final class FirstRunOnSoftwareGpuTest {
    @TempDir
    Path folder;

    @Test
    void theStagesAfterACrashAndAHangRunAndTheTablesHaveThem() throws Exception {
        SoftwareCuda built = SoftwareCuda.build();
        if (built instanceof SoftwareCuda.Unavailable unavailable) {
            abort("SKIPPED: " + unavailable.reason());
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        BundleFolder bundle = BundleFolder.make(
                Files.createDirectory(folder.resolve("bundle")),
                "case \"$*\" in",
                // A JVM takes the signal for a fault of its own and writes what it was doing.
                "    *'--only training,captured'*) '" + java + "' \"$@\" & sleep 1; kill -SEGV $!; wait $!; exit $? ;;",
                "    *) exec '" + java + "' \"$@\" ;;",
                "esac");
        bundle.addThisClassPath();
        compile("src/main/native/kernel_times.c", bundle.tools().resolve("libkernel_times.so"));
        Path cupti = folder.resolve("libcupti.so.13");
        compile("src/test/native/cupti.c", cupti);
        Path python = folder.resolve("python3");
        BundleFolder.writeScript(python, "[ \"$1\" = -c ] || exec sleep 600");
        int exit = bundle.firstRun(
                Map.of("ALBORZ_CUDA_LIBRARIES", SoftwareCuda.folder().toString(), "ALBORZ_CUPTI", cupti.toString()),
                "--quick",
                "--only",
                "doctor,smoke,torch,algorithms,kernels",
                "--limit",
                "torch=5",
                "--limit",
                "doctor=120",
                "--limit",
                "algorithms=240",
                "--python",
                python.toString());
        assertThat(exit).as(bundle.output()).isEqualTo(1);
        assertThat(bundle.output())
                .contains("  smoke: crashed: signal 6 (ABRT)", "  torch: hung: no end within 5.0 s")
                .doesNotContain("  doctor: ", "  algorithms: ", "  kernels: ");
        assertThat(bundle.out().resolve("run.log"))
                .content()
                .contains("  forward, float32, [32, 3, 32, 32] by [32, 3, 3, 3]: CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_")
                .contains("A fatal error has been detected by the Java Runtime Environment", "SIGSEGV")
                .contains("Full thread dump"); // of the one that hung
        assertThat(bundle.out().resolve("gpu-results.md"))
                .content()
                .contains(
                        "| Backend | cuda (",
                        "| smoke | crashed: signal 6 (ABRT) |",
                        "| torch | hung: no end within 5.0 s |")
                .contains("| `add_f32` | 1 | 0.01 |", "| kernels | passed |", "| algorithms | passed |")
                .contains("| algorithms.cifar-cnn-16.tf32-captured | ", "| algorithms.resnet20-2.bf16-captured | ");
        assertThat(bundle.out().resolve("kernels.csv"))
                .content()
                .contains("# CUPTI: callbacks 0, kernels 0, copies 0, fills 0, period 0; records without a row: 0")
                .contains("\n6000,2,3000,2000,4000,8,256,32,0,\"add_f32\"\n")
                .contains("\n7000,1,7000,7000,7000,16,256,32,0,\"add_f32\"\n")
                .contains("\n1500,1,1500,1500,1500,4096,0,0,0,\"copy to the device\"\n");
    }

    private static void compile(String source, Path library) throws Exception {
        Process process = new ProcessBuilder(
                        "cc",
                        "-O1",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-fPIC",
                        "-shared",
                        source,
                        "-o",
                        library.toString(),
                        "-ldl",
                        "-lpthread")
                .redirectErrorStream(true)
                .start();
        String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(messages).isZero();
    }
}
