package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.alborz.cuda.natives.FoundLibraries;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.LibrarySearch;
import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.cuda.natives.NativeLoadException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads libraries through JCuda's real natives. */
class LoadingTest {
    @TempDir
    Path libraries;

    @TempDir
    Path temporary;

    private FakeCuda fake;

    @BeforeEach
    void needGcc() {
        fake = new FakeCuda(libraries);
    }

    /** Prints what the provider finds, what the doctor reports, and where temporary files go afterwards. */
    static final class Probe {
        public static void main(String[] args) {
            System.out.println(new CudaProvider().probe());
            System.out.println(CudaReport.ofThisMachine());
            System.out.println(System.getProperty("java.io.tmpdir"));
        }
    }

    /** Loads twice, and then from another folder. */
    static final class LoadTwice {
        public static void main(String[] args) throws IOException {
            Host host = Host.ofThis();
            FoundLibraries found = LibrarySearch.on(host);
            Path temporary = Path.of(host.temporary());
            NativeLibraries.load(found, temporary);
            NativeLibraries.load(found, temporary);
            Path copy = Files.createDirectory(temporary.resolve("copy"));
            try (Stream<Path> files =
                    Files.list(found.driver().orElseThrow().path().getParent())) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
            System.setProperty(Host.LIBRARIES_PROPERTY, copy.toString());
            try {
                NativeLibraries.load(LibrarySearch.on(Host.ofThis()), temporary);
            } catch (NativeLoadException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** Asks twice for NCCL. */
    static final class NcclProbe {
        public static void main(String[] args) {
            System.out.println(new CudaProvider().probe());
            System.out.println(NcclCollective.unavailable());
            System.out.println(NcclCollective.unavailable());
        }
    }

    /** So that {@code --collective auto} takes TCP, and says why. */
    @Test
    void anNcclThatIsThereAndDoesNotLoadIsSaidInWords() throws Exception {
        String needed = "libneeded.so.1";
        Path library = libraries.resolve(needed);
        fake.build().library(needed).library("libnccl.so.2", "-Wl,--no-as-needed", library.toString());
        Files.delete(library);

        assertThat(fake.java(NcclProbe.class).lines().filter(line -> line.startsWith("Optional")))
                .hasSize(2)
                .allSatisfy(said -> assertThat(said).contains("libnccl.so.2", "could not be loaded", needed));
    }

    @Test
    void aCompleteInstallationIsUsable() throws Exception {
        String output = probe(fake.build());

        assertThat(output)
                .contains("Usable[device=Fake GPU 0, compute capability 9.0, 8.0 GiB, driver for CUDA 12.8,"
                        + " cuBLAS 12.6.4, cuDNN 9.5.1]")
                .contains("CudaReport[usable=true, driver=Driver[found=true", "memoryFree=" + (5L << 30))
                .contains("name=Fake GPU 1, computeCapability=8.0")
                .endsWith(temporary + "\n")
                .doesNotContain("WARNING");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void jcudasNativeTakesCublas13AsWell() throws Exception {
        assertThat(probe(fake.cublas(13).cuda(13_000).build())).contains("Usable[", "CUDA 13.0, cuBLAS 13.6.4");
    }

    @Test
    void aDriverThatIsTooOldIsNamed() throws Exception {
        assertThat(probe(fake.cublas(13).cuda(12_040).build()))
                .contains("the NVIDIA driver is for CUDA 12.4, but cuBLAS 13.6.4", "CUDA 13.0 or newer")
                .contains("pip install nvidia-cublas-cu12");
        assertThat(probe(fake.cublas(12).cuda(10_020).build())).contains("is for CUDA 10.2, but");
        assertThat(probe(fake.cudnnFor(13_000).cuda(12_080).build())).contains("CUDA 13.0 or newer");
    }

    @Test
    void missingDevicesAreNamed() throws Exception {
        assertThat(probe(fake.devices(0).build())).contains("sees no GPU", "--gpus all");
        assertThat(probe(fake.init(100).build())).contains("sees no GPU", "--gpus all");
    }

    @Test
    void theDriversErrorsComeWithARemedy() throws Exception {
        assertThat(probe(fake.init(803).build()))
                .contains("answers cuInit with CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)", "restart the machine");
        assertThat(probe(fake.init(34).build())).contains("stub for linking");
        assertThat(probe(fake.init(717).build())).contains("(717)", "nvidia-smi");
    }

    @Test
    void aFirstDeviceThatIsTooOldIsNamed() throws Exception {
        assertThat(probe(fake.capability(75, -10).build())).contains("Usable[", "compute capability 7.5");
        assertThat(probe(fake.capability(70, -10).build()))
                .contains("compute capability is below 7.5: Fake GPU 0, compute capability 7.0", "Turing");
        assertThat(probe(fake.capability(70, 10).build())).contains("is below 7.5", "CUDA_VISIBLE_DEVICES=1");
    }

    @Test
    void aForeignLibraryThatWouldEndTheJvmIsNotLoaded() throws Exception {
        fake.build().library("libcublas.so.12", "-DCUBLAS=12", fake.versioned("libcublas.so.11"));

        assertThat(probe(fake))
                .contains("libcublas.so.12 is not NVIDIA's", "libcublas.so.11], and not of libcublas.so.12")
                .contains("pip install");

        fake.library("libcublas.so.12", "-DCUBLAS=12");
        assertThat(probe(fake)).contains("libcublas.so.12 is not NVIDIA's", "the versions []");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aMissingDependencyIsExplained() throws Exception {
        fake.build().library("libgone.so.1", "-DPART=gone");
        fake.cudnn("-Wl,--no-as-needed", "-L" + libraries, "-l:libgone.so.1");
        Files.delete(libraries.resolve("libgone.so.1"));

        assertThat(probe(fake))
                .contains("Unusable[reason=libcudnn.so.9 (" + libraries.resolve("libcudnn.so.9"), "libgone.so.1")
                .contains("Install the library that is named there");
    }

    @Test
    void afterAFailureOfJcudasAllIsAsBefore() throws Exception {
        fake.build()
                .library("libcublas.so.12", "-DCUBLAS=12", fake.versioned("libcublas.so.12"), "-Wl,-soname,libx.so.12");

        assertThat(probe(fake))
                .contains("Unusable[reason=JCuda 12.6.0", "libcublas.so.12: cannot open shared object file")
                .endsWith(temporary + "\n");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aPartThatDoesNotLoadIsLeftToCudnn() throws Exception {
        fake.build();
        for (String part : new String[] {"graph", "ops", "cnn", "heuristic", "engines_precompiled"}) {
            fake.library("libcudnn_" + part + ".so.9", "-DPART=part");
        }
        assertThat(probe(fake)).contains("libcudnn_engines_runtime_compiled.so.9 beside it");

        byte[] cut = Files.readAllBytes(libraries.resolve("libcudnn_ops.so.9"));
        Files.write(libraries.resolve("libcudnn_engines_runtime_compiled.so.9"), Arrays.copyOf(cut, 100));
        assertThat(probe(fake)).contains("Usable[");
    }

    @Test
    void librariesAreLoadedOnce() throws Exception {
        assertThat(fake.build().java(LoadTwice.class, "-Djava.io.tmpdir=" + temporary))
                .contains("This JVM has already loaded other CUDA libraries: [" + libraries.resolve("libcuda.so.1"))
                .contains("start a new one");
    }

    @Test
    void aJvmThatDeniesNativeAccessIsNamed() throws Exception {
        assumeTrue(Runtime.version().feature() >= 24, "SKIPPED: only since JDK 24 a JVM can deny native access");
        fake.build();

        assertThat(fake.java(Probe.class, "-Djava.io.tmpdir=" + temporary, "--illegal-native-access=deny"))
                .contains("this JVM denies native access", "--enable-native-access=ALL-UNNAMED");
    }

    private String probe(FakeCuda cuda) throws IOException, InterruptedException {
        return cuda.java(Probe.class, "-Djava.io.tmpdir=" + temporary);
    }
}
