package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.kernels.KernelSource;
import org.alborz.softwarecuda.SoftwareDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What an engineer reads when a call of the driver fails. */
final class DriverTest {
    private static final int NOT_FOUND = 500;
    private static final int INVALID_PTX = 218;

    private final SoftwareDevice device = SoftwareGpu.device();
    private final Resources resources = new Resources();
    private final Context context = resources.add(new Context(0));
    private final Stream stream = resources.add(new Stream(context));
    private final Modules modules = resources.add(new Modules(context));
    private final Launcher launcher = resources.add(new Launcher(stream));

    @AfterEach
    void nothingIsLeft() {
        device.reset();
        resources.close();
        assertThat(device.leaks()).isEmpty();
    }

    @Test
    void successPasses() {
        assertThatCode(() -> Driver.check(0, "cuInit")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | CUDA_ERROR_OUT_OF_MEMORY | smaller batch",
                "46 | CUDA_ERROR_DEVICE_UNAVAILABLE | compute mode",
                "100 | CUDA_ERROR_NO_DEVICE | CUDA_VISIBLE_DEVICES",
                "218 | CUDA_ERROR_INVALID_PTX | update it",
                "222 | CUDA_ERROR_UNSUPPORTED_PTX_VERSION | update it",
                "700 | CUDA_ERROR_ILLEGAL_ADDRESS | restart the program",
                "719 | CUDA_ERROR_LAUNCH_FAILED | restart the program",
                "802 | CUDA_ERROR_SYSTEM_NOT_READY | fabric manager",
                "803 | CUDA_ERROR_SYSTEM_DRIVER_MISMATCH | restart the machine",
            })
    void aFailureNamesTheCallTheStatusAndARemedy(int status, String name, String remedy) {
        assertThatThrownBy(() -> Driver.check(status, "cuSomething of 5 bytes"))
                .isInstanceOfSatisfying(
                        CudaException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageStartingWith("cuSomething of 5 bytes failed: " + name + " (" + status + "), ")
                .hasMessageContaining(remedy);
    }

    @Test
    void aStatusThatTheDriverDoesNotKnowIsANumber() {
        assertThatThrownBy(() -> Driver.check(54_321, "cuSomething"))
                .hasMessageStartingWith("cuSomething failed: status 54321");
    }

    @Test
    void aDeviceThatDoesNotExistIsRefused() {
        for (int ordinal : new int[] {-1, 1}) {
            assertThatThrownBy(() -> new Context(ordinal))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("CUDA device " + ordinal + " does not exist; expected 0 to 0")
                    .hasMessageContaining("nvidia-smi -L");
        }
    }

    @Test
    void aKernelThatThereIsNotIsNamed() {
        assertThatThrownBy(() -> modules.kernel("tertiary_f32"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'tertiary_f32'")
                .hasMessageContaining("kernels/build");
        device.inject("cuModuleGetFunction", 1, NOT_FOUND);
        assertThatThrownBy(() -> modules.kernel("binary_f32"))
                .isInstanceOf(CudaException.class)
                .hasMessageStartingWith("cuModuleGetFunction of binary_f32 failed: CUDA_ERROR_NOT_FOUND (500)");
        assertThat(modules.kernel("binary_f32").name()).isEqualTo("binary_f32");
    }

    @Test
    void kernelsThatDoNotCompileAreNamedWithTheDevice() {
        device.inject("cuModuleLoadData", 1, INVALID_PTX);
        assertThatThrownBy(() -> modules.kernel("binary_f32"))
                .hasMessageStartingWith("cuModuleLoadData of binary.ptx for " + context.device() + " failed: "
                        + "CUDA_ERROR_INVALID_PTX (218)")
                .hasMessageContaining("update it");
        assertThat(modules.kernel("binary_f32").name()).isEqualTo("binary_f32");
    }

    /** Kernels whose machine code for the emulated device, of compute capability 9.0, is a text where they are of given operations. */
    private static KernelSource withCubins(String text, String... operations) {
        StringBuilder index = new StringBuilder();
        for (String operation : operations) {
            String first =
                    KernelSource.read().ptx(operation).lines().findFirst().orElseThrow();
            index.append(operation).append(' ').append(first.split(" ")[2]).append('\n');
        }
        return KernelSource.read(path -> {
            if (path.equals("sm_90/index.txt")) {
                return stream(index.toString());
            }
            return path.startsWith("sm_90/")
                    ? stream(text)
                    : path.startsWith("sm_") ? null : KernelSource.class.getResourceAsStream(path);
        });
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void machineCodeIsLoadedInPlaceOfPtx() {
        // The emulated device runs PTX only, so that stands in for a cubin: one that lacks a kernel.
        String other = KernelSource.read().ptx("binary").replace(".entry binary_f64(", ".entry another(") + "\0";
        try (Modules cubins = new Modules(context, withCubins(other, "binary"))) {
            assertThat(cubins.kernel("binary_f32").name()).isEqualTo("binary_f32");
            assertThatThrownBy(() -> cubins.kernel("binary_f64"))
                    .hasMessageContaining("cuModuleGetFunction of binary_f64");
            assertThat(cubins.kernel("fill_f32").name()).isEqualTo("fill_f32");
        }
    }

    @Test
    void machineCodeThatTheDriverDoesNotTakeIsReplacedByPtx() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger log = (Logger) LoggerFactory.getLogger(Modules.class);
        log.setLevel(Level.INFO);
        log.addAppender(lines);
        log.setAdditive(false);
        try (Modules cubins = new Modules(context, withCubins("\u007fELF, but no cubin", "binary", "fill"))) {
            assertThat(cubins.kernel("binary_f64").name()).isEqualTo("binary_f64");
            assertThat(cubins.kernel("fill_f32").name()).isEqualTo("fill_f32");
        } finally {
            log.detachAppender(lines);
            log.setAdditive(true);
            log.setLevel(null);
        }
        assertThat(lines.list)
                .as("said once for all operations")
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .contains("does not take the sm_90 kernels of binary (status "));
    }

    @Test
    void aFailedLaunchTellsTheKernelAndItsGrid() {
        Kernel fill = modules.kernel("fill_f32");
        device.inject("cuLaunchKernel", 1, 1);
        assertThatThrownBy(() -> launcher.kernel(fill).launch(3, 256))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("cuLaunchKernel of fill_f32 with 3 blocks of 256 threads")
                .hasMessageContaining("CUDA_ERROR_INVALID_VALUE (1)");
        for (long blocks : new long[] {0, 1L << 31}) {
            assertThatThrownBy(() -> launcher.kernel(fill).launch(blocks, 256))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Kernel fill_f32 expects 1 to 2147483647 blocks, got " + blocks);
        }
    }

    @Test
    void workThatFailsLaterIsReportedByTheWait() {
        device.inject("cuStreamSynchronize", 1, 719);
        assertThatThrownBy(stream::synchronize)
                .hasMessageContaining("cuStreamSynchronize (the fault may be in any work since the last wait)")
                .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED (719)");
    }

    @Test
    void aContextIsUsableFromManyThreads() throws InterruptedException {
        Throwable[] failure = {null};
        for (int i = 0; i < 3; i++) {
            Thread thread = new Thread(() -> {
                try (Event event = new Event(context)) {
                    event.record(stream);
                    event.await();
                }
            });
            thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
            thread.start();
            thread.join();
            stream.synchronize();
        }
        assertThat(failure[0]).isNull();
    }

    /** As a backend on another device does, or other code that uses CUDA. */
    @Test
    void whatOthersMakeCurrentInBetweenDoesNotMatter() {
        Kernel fill = modules.kernel("fill_f64");
        cuCtxSetCurrent(new CUcontext());
        try (DeviceMemory memory = memory()) {
            cuCtxSetCurrent(new CUcontext());
            launcher.kernel(fill)
                    .value(1.0)
                    .address(memory.address().value())
                    .value(1L)
                    .launch(1, 256);
            cuCtxSetCurrent(new CUcontext());
            stream.synchronize();
        }
    }

    private DeviceMemory memory() {
        context.makeCurrent();
        return new DeviceMemory(Long.BYTES);
    }
}
