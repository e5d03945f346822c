package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnosisTest {
    @TempDir
    Path root;

    private FakeMachine machine;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new FakeMachine(root);
    }

    @Test
    void nothingIsWrongWhereAllIsThere() throws IOException {
        complete();

        assertThat(problems()).isEmpty();
    }

    @Test
    void noDriverNamesTheLibraryAndTheFolders() throws IOException {
        libraries();

        Problem problem = only("driver");

        assertThat(problem.reason())
                .startsWith("no NVIDIA driver: libcuda.so.1 is in none of " + root)
                .contains("/usr/lib/x86_64-linux-gnu", "/usr/lib/wsl/lib");
        assertThat(problem.remedy()).contains("https://www.nvidia.com/drivers", "cpu-vector");
        assertThat(problem.commands()).isEmpty();
    }

    @Test
    void theCommandIsTheDistributions() throws IOException {
        libraries();
        machine.text("/etc/os-release", "NAME=x\nID=ubuntu\nID_LIKE=debian\n");
        assertThat(only("driver").commands()).containsExactly("sudo ubuntu-drivers install");

        machine.text("/etc/os-release", "ID=debian\n");
        assertThat(only("driver").commands()).containsExactly("sudo apt-get install nvidia-driver");

        machine.text("/etc/os-release", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n");
        assertThat(only("driver").commands()).containsExactly("sudo dnf install nvidia-open");
    }

    @Test
    void aContainerIsStartedOtherwise() throws IOException {
        libraries();
        machine.text("/.dockerenv", "");

        assertThat(only("driver").reason()).startsWith("no NVIDIA driver in this container");
        assertThat(only("driver").commands()).containsExactly("docker run --gpus all ...");
    }

    @Test
    void aKernelModuleWithoutTheLibraryPointsToTheContainer() throws IOException {
        libraries();
        machine.kernelModule("NVIDIA 570.86.15");

        Problem problem = only("driver-library");

        assertThat(problem.reason()).contains("kernel module 570.86.15 is loaded", "libcuda.so.1 is in none of");
        assertThat(problem.remedyWithCommands()).contains("LD_LIBRARY_PATH", "--gpus all");
    }

    @Test
    void aLibraryWithoutTheKernelModuleIsNotLoaded() throws IOException {
        complete();
        Files.delete(root.resolve("proc/driver/nvidia/version"));

        assertThat(only("kernel-module").commands()).containsExactly("sudo modprobe nvidia");
        machine.text("/run/.containerenv", "");
        assertThat(only("kernel-module").commands()).containsExactly("docker run --gpus all ...");

        machine.text("/dev/dxg", ""); // WSL has no module
        assertThat(problems()).isEmpty();
    }

    @Test
    void aDriverThatTheUserNamedNeedsNoKernelModule() throws IOException {
        machine.withLibraries("/soft")
                .libraries("/soft", "libcuda.so.1", "libcublas.so.12", "libcublasLt.so.12", "libcudnn.so.9");

        assertThat(problems()).isEmpty();
    }

    @Test
    void missingLibrariesComeWithEveryWayToInstallThem() throws IOException {
        machine.driver().text("/etc/os-release", "ID=debian\n");

        Problem problem = only("libraries");

        assertThat(problem.reason())
                .contains("cuBLAS 12 or 13", "and cuDNN 9 (libcudnn.so.9) are missing", "/usr/local/cuda/lib64")
                .contains(root.resolve("home/user/.cache/alborz/cuda").toString());
        assertThat(problem.commands())
                .containsExactly(
                        "python3 -m pip install nvidia-cublas-cu12 nvidia-cudnn-cu12 nvidia-cuda-nvrtc-cu12",
                        "sudo apt-get install libcublas-12-6 libcudnn9-cuda-12",
                        "mvn dependency:copy -Dartifact=org.bytedeco:cuda:12.6-9.5-1.5.11:jar:linux-x86_64-redist"
                                + " -DoutputDirectory=. && ./alborz doctor --install-cuda-libraries"
                                + " cuda-12.6-9.5-1.5.11-linux-x86_64-redist.jar");
    }

    @Test
    void aMissingCudnnIsForTheCublasThatIsThere() throws IOException {
        machine.driver().libraries("/usr/lib64", "libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.8");

        Problem problem = only("libraries");

        assertThat(problem.reason())
                .startsWith("cuDNN 9 (libcudnn.so.9) is missing")
                .contains("passed over: " + root + "/usr/lib64/libcudnn.so.8: this is cuDNN 8");
        assertThat(problem.commands().get(0)).contains("nvidia-cudnn-cu13");
    }

    @Test
    void missingPartsOfCudnnAreNamed() throws IOException {
        complete();
        machine.libraries("/usr/lib64", "libcudnn_graph.so.9");

        assertThat(only("cudnn-parts").reason()).contains("libcudnn.so.9 needs", "libcudnn_cnn.so.9");
    }

    @Test
    void aFolderThatForbidsExecutingIsNamed() throws IOException {
        complete();
        machine.text("/proc/mounts", "tmpfs /tmp tmpfs rw,nosuid 0 0\ntmpfs / tmpfs rw,noexec 0 0\n");
        assertThat(problems()).isEmpty();

        machine.text("/proc/mounts", "tmpfs / tmpfs rw 0 0\ntmpfs /tmp tmpfs rw,nosuid,noexec 0 0\n");
        Problem problem = only("temporary-folder");

        assertThat(problem.reason()).contains(root.resolve("tmp") + ", which is mounted noexec");
        assertThat(problem.commands())
                .containsExactly("ALBORZ_JAVA_OPTS=-Djava.io.tmpdir=/home/user/.cache ./alborz ...");
    }

    @Test
    void aMissingTemporaryFolderIsNamed() throws IOException {
        complete();
        Files.delete(root.resolve("tmp"));

        assertThat(only("temporary-folder").reason()).contains("cannot be written to");
    }

    @Test
    void muslIsNamed() throws IOException {
        complete();
        machine.text("/lib/ld-musl-x86_64.so.1", "");

        assertThat(only("libc").reason()).contains("musl");
    }

    @Test
    void otherPlatformsAreNotSearched() {
        assertThat(machine.platform("Mac OS X", "aarch64").host().isSupported()).isFalse();
        assertThat(only("platform").reason()).isEqualTo("CUDA does not exist for Mac OS X on aarch64.");
        machine.platform("Linux", "aarch64");
        assertThat(only("platform").reason()).isEqualTo("JCuda has no natives for Linux on aarch64.");
        machine.platform("Windows 11", "amd64");
        assertThat(only("platform").remedy()).contains("WSL 2");
    }

    private void libraries() throws IOException {
        machine.libraries("/usr/lib64", "libcublas.so.12", "libcublasLt.so.12", "libcudnn.so.9");
    }

    private void complete() throws IOException {
        machine.driver();
        libraries();
    }

    private List<Problem> problems() {
        Host host = machine.host();
        return Diagnosis.of(host, LibrarySearch.on(host), TemporaryFolder.of(host));
    }

    private Problem only(String key) {
        assertThat(problems()).extracting(Problem::key).containsExactly(key);
        return problems().get(0);
    }
}
