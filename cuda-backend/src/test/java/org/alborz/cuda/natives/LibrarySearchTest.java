package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibrarySearchTest {
    private static final String[] CUBLAS_12 = {"libcublas.so.12", "libcublasLt.so.12"};
    private static final String[] CUBLAS_13 = {"libcublas.so.13", "libcublasLt.so.13"};
    private static final String[] CUDNN_PARTS = {
        "libcudnn_graph.so.9",
        "libcudnn_ops.so.9",
        "libcudnn_cnn.so.9",
        "libcudnn_heuristic.so.9",
        "libcudnn_engines_precompiled.so.9",
        "libcudnn_engines_runtime_compiled.so.9"
    };

    @TempDir
    Path root;

    private FakeMachine machine;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new FakeMachine(root);
    }

    @Test
    void findsNothingOnAnEmptyMachine() {
        FoundLibraries found = search();

        assertThat(found.all()).isEmpty();
        assertThat(found.complete()).isFalse();
        assertThat(found.passedOver()).isEmpty();
        assertThat(FoundLibraries.folders(found.driverLocations()))
                .contains(root.resolve("usr/lib64"), root.resolve("usr/lib/wsl/lib"));
        assertThat(FoundLibraries.folders(found.libraryLocations()))
                .contains(root.resolve("usr/lib64"), root.resolve("home/user/.cache/alborz/cuda"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/lib/x86_64-linux-gnu",
                "/usr/lib64",
                "/usr/lib/wsl/lib",
                "/run/opengl-driver/lib",
                "/opt/driver",
                "/opt/nvidia"
            })
    void findsTheDriver(String folder) throws IOException {
        Path driver = machine.with("LD_LIBRARY_PATH", ":/opt/driver::").library(folder + "/libcuda.so.1", "");
        machine.text("/etc/ld.so.conf.d/nvidia.conf", "# comment\n/opt/nvidia\n");

        assertThat(search().driver().orElseThrow().path()).isEqualTo(driver);
        assertThat(search().driverNamed()).isEqualTo(folder.equals("/opt/driver"));
    }

    @Test
    void theLoadersFoldersGoInItsOrder() throws IOException {
        machine.driver().libraries("/compat", "libcuda.so.1").libraries("/other", "libcuda.so.1");
        machine.text("/etc/ld.so.conf.d/cuda-13.conf", "/other\n");
        machine.text("/etc/ld.so.conf.d/00-compat.conf", "/compat\n");

        assertThat(search().driver().orElseThrow().folder()).isEqualTo(root.resolve("compat"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/local/cuda/lib64",
                "/usr/local/cuda-12.6/targets/x86_64-linux/lib",
                "/usr/lib/x86_64-linux-gnu",
                "/opt/named",
                "/opt/toolkit/lib64",
                "/opt/conda/lib",
                "/home/user/.cache/alborz/cuda",
                "/usr/local/lib/python3.10/dist-packages/nvidia/cublas/lib",
                "/usr/lib/python3/dist-packages/nvidia/cublas/lib",
                "/home/user/.local/lib/python3.12/site-packages/nvidia/cublas/lib",
                "/srv/venv/lib/python3.11/site-packages/nvidia/cu12/lib",
                "/opt/app/.venv/lib/python3.12/site-packages/nvidia/cublas/lib",
                "/python/lib/python3.13/site-packages/nvidia/cublas/lib",
                "/home/user/.pyenv/versions/3.11.7/lib/python3.11/site-packages/nvidia/cublas/lib"
            })
    void findsCublas(String folder) throws IOException {
        machine.with("LD_LIBRARY_PATH", "/opt/named")
                .with("CUDA_HOME", "/opt/toolkit")
                .with("CONDA_PREFIX", "/opt/conda")
                .with("VIRTUAL_ENV", "/srv/venv")
                .with("PATH", "/none:/tools:/python/bin")
                .libraries(folder, CUBLAS_12);
        machine.text("/python/bin/python3", "");

        FoundLibraries.Cublas cublas = search().cublas().orElseThrow();

        assertThat(cublas.main().folder()).isEqualTo(root.resolve(folder.substring(1)));
        assertThat(cublas.light().folder()).isEqualTo(cublas.main().folder());
    }

    @Test
    void followsTheLinkOfAnInterpreter() throws IOException {
        machine.with("PATH", "/bin").text("/apps/python/bin/python3.11", "");
        machine.link("/bin/python3", "../apps/python/bin/python3.11");
        machine.libraries("/apps/python/lib/python3.11/site-packages/nvidia/cublas/lib", CUBLAS_12);

        assertThat(search().cublas()).isPresent();
    }

    @Test
    void whatTheUserNamedGoesBeforeAllElseInThisOrder() throws IOException {
        machine.libraries("/usr/local/cuda/lib64", CUBLAS_12).libraries("/usr/local/cuda/lib64", "libcudnn.so.9");
        assertThat(cublasFolder()).isEqualTo("/usr/local/cuda/lib64");

        machine.with("LD_LIBRARY_PATH", "/third").libraries("/third", CUBLAS_13);
        assertThat(cublasFolder()).isEqualTo("/third");

        machine.with("ALBORZ_CUDA_LIBRARIES", "/none:/second").libraries("/second", CUBLAS_13);
        assertThat(cublasFolder()).isEqualTo("/second");

        machine.withLibraries("/first").libraries("/first", CUBLAS_12);
        assertThat(cublasFolder()).isEqualTo("/first");
    }

    @Test
    void thePlaceThatHasBothGoesBeforeThoseThatHaveOne() throws IOException {
        machine.libraries("/usr/local/cuda-13.0/lib64", CUBLAS_13)
                .libraries("/usr/local/lib/python3.10/dist-packages/nvidia/cublas/lib", CUBLAS_12)
                .libraries("/usr/local/lib/python3.10/dist-packages/nvidia/cudnn/lib", "libcudnn.so.9");

        assertThat(cublasFolder()).endsWith("nvidia/cublas/lib");

        Files.delete(root.resolve("usr/local/lib/python3.10/dist-packages/nvidia/cudnn/lib/libcudnn.so.9"));
        assertThat(cublasFolder()).isEqualTo("/usr/local/cuda-13.0/lib64");
    }

    @Test
    void inOnePlaceTwelveGoesBeforeThirteen() throws IOException {
        machine.libraries("/usr/lib64", CUBLAS_13);
        assertThat(search().cublas().orElseThrow().main().major()).isEqualTo(13);

        machine.libraries("/usr/lib64", CUBLAS_12);
        assertThat(search().cublas().orElseThrow().main().major()).isEqualTo(12);
    }

    @Test
    void newerToolkitsGoFirst() throws IOException {
        machine.libraries("/usr/local/cuda-9.2/lib64", CUBLAS_12)
                .libraries("/usr/local/cuda-12.10/lib64", CUBLAS_12)
                .libraries("/usr/local/cuda-12.6/lib64", CUBLAS_12);

        assertThat(cublasFolder()).isEqualTo("/usr/local/cuda-12.10/lib64");
    }

    @Test
    void aPairComesFromOneFolder() throws IOException {
        machine.libraries("/usr/local/cuda/lib64", "libcublas.so.12").libraries("/usr/lib64", "libcublasLt.so.12");

        assertThat(search().cublas()).isEmpty();
        assertThat(search().passedOver())
                .hasSize(2)
                .allMatch(p -> p.endsWith("of libcublas and libcublasLt only one is there"));
    }

    @Test
    void readsTheVersionWhereTheLinkEnds() throws IOException {
        machine.libraries("/usr/lib64", CUBLAS_12);
        machine.library("/usr/lib64/libcudnn.so.9.5.1", "");
        machine.link("/usr/lib64/libcudnn.so.9", "libcudnn.so.9.5.1");

        assertThat(search().cudnn().orElseThrow().main().version()).isEqualTo("9.5.1");
        assertThat(search().cublas().orElseThrow().main().version()).isEqualTo("12");
    }

    @Test
    void librariesForOtherProcessorsArePassedOver() throws IOException {
        Path small = machine.smallLibrary("/usr/lib64/libcuda.so.1");
        Path text = machine.text("/usr/lib/wsl/lib/libcuda.so.1", "no library at all, but some text");
        Path driver = machine.library("/run/opengl-driver/lib/libcuda.so.1", "");

        assertThat(search().driver().orElseThrow().path()).isEqualTo(driver);
        assertThat(search().passedOver())
                .contains(small + ": it is for another processor than 64-bit x86", text + ": it is not a library");
    }

    @Test
    @Timeout(300)
    void whatIsNoFileIsPassedOver() throws Exception {
        Path folder = machine.library("/usr/lib64/libcuda.so.1/file", "").getParent();
        Path pipe = machine.text("/usr/lib/wsl/lib/libcuda.so.1", "");
        Files.delete(pipe);
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThat(search().driver()).isEmpty();
        assertThat(search().passedOver()).contains(folder + ": it is not a file", pipe + ": it is not a file");
    }

    @Test
    void theToolkitsStubsArePassedOver() throws IOException {
        machine.with("LD_LIBRARY_PATH", "/usr/local/cuda/lib64/stubs")
                .libraries("/usr/local/cuda/lib64/stubs", "libcuda.so.1");

        assertThat(search().driver()).isEmpty();
    }

    @Test
    void cudnnEightIsNamed() throws IOException {
        Path old = machine.library("/usr/lib64/libcudnn.so.8", "");

        assertThat(search().cudnn()).isEmpty();
        assertThat(search().passedOver()).containsExactly(old + ": this is cuDNN 8, and Alborz needs cuDNN 9");
    }

    @Test
    void allPartsOfCudnnAreFound() throws IOException {
        machine.libraries("/usr/lib64", CUDNN_PARTS)
                .libraries("/usr/lib64", "libcudnn.so.9", "libcudnn_adv.so.9", "libcudnn_engines_tensor_ir.so.9");

        FoundLibraries.Cudnn cudnn = search().cudnn().orElseThrow();

        assertThat(cudnn.missing()).isEmpty();
        assertThat(cudnn.parts())
                .extracting(Library::name)
                .startsWith(CUDNN_PARTS)
                .hasSize(CUDNN_PARTS.length + 2);
    }

    @Test
    void missingPartsOfCudnnAreNamed() throws IOException {
        machine.libraries("/usr/lib64", CUDNN_PARTS).libraries("/usr/lib64", "libcudnn.so.9");
        Files.delete(root.resolve("usr/lib64/libcudnn_cnn.so.9"));
        assertThat(search().cudnn().orElseThrow().missing()).containsExactly("libcudnn_cnn.so.9");

        machine.library("/opt/thin/libcudnn.so.9", "dlopen libcudnn_graph.so.9");
        machine.withLibraries("/opt/thin");
        assertThat(search().cudnn().orElseThrow().missing()).hasSize(CUDNN_PARTS.length);
    }

    @Test
    void aCudnnThatStandsAloneNeedsNoParts() throws IOException {
        machine.driver().libraries("/usr/lib64", CUBLAS_12).libraries("/usr/lib64", "libcudnn.so.9");

        assertThat(search().complete()).isTrue();
    }

    @Test
    void theCompilerOfCudnnsPlaceIsTaken() throws IOException {
        machine.libraries("/usr/local/cuda/lib64", "libnvrtc.so.12", "libnvrtc.so.13")
                .libraries("/home/user/.local/lib/python3.12/site-packages/nvidia/cublas/lib", CUBLAS_12)
                .libraries("/home/user/.local/lib/python3.12/site-packages/nvidia/cudnn/lib", "libcudnn.so.9");
        assertThat(search().nvrtc().orElseThrow().path())
                .isEqualTo(root.resolve("usr/local/cuda/lib64/libnvrtc.so.12"));

        machine.libraries("/home/user/.local/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib", "libnvrtc.so.12");
        assertThat(search().nvrtc().orElseThrow().path().toString()).contains("cuda_nvrtc");
    }

    @Test
    void impossibleFoldersArePassedOver() throws IOException {
        machine.with("LD_LIBRARY_PATH", "/bad\0folder")
                .with("PATH", "/bad\0folder:relative::")
                .with("VIRTUAL_ENV", "bad\0too")
                .with("CUDA_HOME", "bad\0one");
        machine.driver();

        assertThat(search().driver()).isPresent();
    }

    @Test
    void theKernelModulesVersionIsRead() throws IOException {
        assertThat(search().kernelModule()).isEmpty();
        assertThat(machine.driver().host()).isNotNull();
        assertThat(search().kernelModule()).contains("570.86.15");
        machine.kernelModule("something new\n");
        assertThat(search().kernelModule()).contains("of unknown version");
    }

    private FoundLibraries search() {
        return LibrarySearch.on(machine.host());
    }

    private String cublasFolder() {
        return "/" + root.relativize(search().cublas().orElseThrow().main().folder());
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(List.of("cuda-9.2", "cuda-12.10", "cuda", "cuda-12.6", "cuda-12"))
                .extracting(Version::in)
                .satisfies(versions -> assertThat(versions.stream().sorted().map(Version::text))
                        .containsExactly("0", "9.2", "12", "12.6", "12.10"));
    }
}
