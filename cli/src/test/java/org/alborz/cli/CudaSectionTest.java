package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.cuda.CudaReport;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaSectionTest {
    private static final List<String> FOLDERS = List.of("/usr/lib64");
    private static final CudaReport.Temporary TEMPORARY = new CudaReport.Temporary("/tmp", true, true);

    @TempDir
    Path root;

    @Test
    void showsWhatIsThere() {
        CudaReport report = new CudaReport(
                true,
                new CudaReport.Driver(true, "/usr/lib64/libcuda.so.1", "570.86.15", "12.8", FOLDERS),
                List.of(
                        new CudaReport.LibraryState("cuDNN", true, true, "/a/libcudnn.so.9", "9.5.1", FOLDERS),
                        new CudaReport.LibraryState("NVRTC", false, false, null, null, FOLDERS),
                        new CudaReport.LibraryState("NCCL", false, false, null, null, FOLDERS)),
                List.of(
                        new CudaReport.GpuState(0, "NVIDIA H200", "9.0", 141L << 30, 100L << 30, true, "sm_90", 39, 40),
                        new CudaReport.GpuState(1, "Tesla P4", "6.1", 8L << 30, null, false, null, 0, 40),
                        new CudaReport.GpuState(2, "RTX 5090", "12.0", 32L << 30, null, true, null, 0, 40)),
                TEMPORARY,
                "12.6.0",
                List.of(),
                List.of("/b/libcudnn.so.8: old"));

        assertThat(new CudaSection(report).lines())
                .containsExactly(
                        "  driver      /usr/lib64/libcuda.so.1, kernel module 570.86.15, for CUDA 12.8",
                        "  cuDNN       9.5.1, /a/libcudnn.so.9",
                        "  NVRTC       not found; only some parts of cuDNN need it",
                        "  NCCL        not found; only several GPUs that train together need it",
                        "  GPU 0       NVIDIA H200, compute capability 9.0, 141.0 GiB, 100.0 GiB free, kernels built for sm_90 in 39 of 40 files",
                        "  GPU 1       Tesla P4, compute capability 6.1, 8.0 GiB, too old for Alborz",
                        "  GPU 2       RTX 5090, compute capability 12.0, 32.0 GiB, kernels compiled by the driver from PTX",
                        "  JCuda       12.6.0, unpacked into /tmp",
                        "  passed over /b/libcudnn.so.8: old");
    }

    @Test
    void showsTheProblemsThatTheBackendsLineDoesNot() {
        Problem first = new Problem("driver", "no driver.", "Install it.", List.of());
        Problem second = new Problem("libraries", "no cuDNN.", "Install it.", List.of("pip one", "apt two"));
        CudaReport report = new CudaReport(
                false,
                new CudaReport.Driver(false, null, null, null, FOLDERS),
                List.of(new CudaReport.LibraryState("cuBLAS", true, false, null, null, FOLDERS)),
                List.of(),
                new CudaReport.Temporary("/tmp", true, false),
                "12.6.0",
                List.of(first, second),
                List.of());

        assertThat(new CudaSection(report).lines())
                .containsExactly(
                        "  driver      not found, no kernel module",
                        "  cuBLAS      not found",
                        "  JCuda       12.6.0, unpacked into /tmp, which is mounted noexec",
                        "  problem     no cuDNN.",
                        "              Remedy: Install it. Run one of:",
                        "                pip one",
                        "                apt two");
    }

    @Test
    void aMachineWithNothingIsReportedByFilesAlone() throws IOException {
        Files.createDirectory(root.resolve("tmp"));
        Host host = new Host("Linux", "amd64", root, "/home/user", "/tmp", Optional.empty(), Map.of());

        CudaReport report = CudaReport.of(host);

        assertThat(report.usable()).isFalse();
        assertThat(report.problems()).extracting(Problem::key).containsExactly("driver", "libraries");
        assertThat(report.driver().searched()).contains(root + "/usr/lib64");
        assertThat(new CudaSection(report).lines()).contains("  driver      not found, no kernel module");
    }
}
