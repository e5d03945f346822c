package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.driver.CudaException;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whatever fails, and whenever: it ends in an exception that names the call, and nothing stays allocated. */
final class FaultInjectionTest {
    private static final int INVALID_VALUE = 1;
    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int LAUNCH_FAILED = 719;
    private static final int UNKNOWN = 999;
    private static final int CUBLAS_EXECUTION_FAILED = 13;
    private static final int CUDNN_EXECUTION_FAILED = 5000;

    /** Which occurrences of a call fail, up to the first that is not reached any more. */
    private static final int[] OCCURRENCES = {1, 2, 5, 17, 60};

    /** A call to fail, and with what. */
    private record Fault(String call, int result) {}

    private static List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        for (String call : List.of("cuMemAlloc", "cuMemHostAlloc")) {
            faults.add(new Fault(call, OUT_OF_MEMORY));
        }
        for (String call : List.of(
                "cuDevicePrimaryCtxRetain",
                "cuStreamCreate",
                "cuEventCreate",
                "cuModuleLoadData",
                "cuModuleGetFunction",
                "cuLaunchKernel",
                "cuMemcpyHtoDAsync",
                "cuMemcpyDtoHAsync",
                "cuMemcpyDtoDAsync",
                "cuEventRecord",
                "cuGraphLaunch",
                "cuGraphExecDestroy")) {
            faults.add(new Fault(call, INVALID_VALUE));
        }
        faults.add(new Fault("kernel", ILLEGAL_ADDRESS));
        faults.add(new Fault("kernel", LAUNCH_FAILED));
        faults.add(new Fault("cuStreamSynchronize", LAUNCH_FAILED));
        for (String call : List.of(
                "cublasCreate",
                "cublasSetStream",
                "cublasSetWorkspace",
                "cublasGemmStridedBatchedEx",
                "cudnnCreate",
                "cudnnSetStream",
                "cudnnGetConvolutionForwardAlgorithm_v7",
                "cudnnGetConvolutionForwardWorkspaceSize",
                "cudnnConvolutionForward",
                "cudnnConvolutionBackwardData",
                "cudnnConvolutionBackwardFilter",
                "cudnnPoolingForward",
                "cudnnBackendCreateDescriptor",
                "cudnnBackendFinalize",
                "cudnnBackendExecute")) {
            faults.add(new Fault(call, call.startsWith("cudnn") ? CUDNN_EXECUTION_FAILED : CUBLAS_EXECUTION_FAILED));
        }
        return faults;
    }

    @TestFactory
    Stream<DynamicTest> everyFaultEndsInAnException() {
        return faults().stream().map(fault -> dynamicTest(fault.toString(), () -> inject(fault)));
    }

    private static void inject(Fault fault) {
        int met = 0;
        for (int occurrence : OCCURRENCES) {
            Throwable thrown = train(fault, occurrence);
            if (thrown == null) {
                break;
            }
            met++;
        }
        assertThat(met).as("faults met of %s", fault).isPositive();
    }

    /** Trains with a fault, and returns what was thrown; null where the fault did not occur, or was handled. */
    private static Throwable train(Fault fault, int occurrence) {
        SoftwareDevice device = SoftwareGpu.device();
        Throwable thrown = null;
        try {
            device.inject(fault.call(), occurrence, fault.result());
            boolean isGraph = fault.call().startsWith("cudnnBackend");
            TrainingRun.of(
                    new CudaBackend(BackendOptions.defaults()),
                    isGraph ? DType.BFLOAT16 : DType.FLOAT32,
                    isGraph ? fusedNet() : net(),
                    new Adam(1e-3),
                    4,
                    5,
                    true);
        } catch (CudaException e) {
            thrown = e;
            assertThat(e).hasMessageMatching("(?s).*(failed|out of memory).*");
        }
        device.reset();
        assertThat(device.leaks())
                .as("left after occurrence %d of %s, which threw %s", occurrence, fault, thrown)
                .isEmpty();
        return thrown;
    }

    /** Where a step cannot be captured, training continues without, with the same results. */
    @TestFactory
    Stream<DynamicTest> aFaultInCaptureIsGotOver() {
        return Stream.of("cuStreamBeginCapture", "cuGraphInstantiateWithFlags")
                .map(call -> dynamicTest(call, () -> {
                    TrainingRun eager =
                            TrainingRun.of(SoftwareGpu.open(), DType.FLOAT32, net(), new Adam(1e-3), 4, 5, false);
                    SoftwareDevice device = SoftwareGpu.device();
                    device.inject(call, 1, INVALID_VALUE);
                    TrainingRun run = TrainingRun.of(
                            new CudaBackend(BackendOptions.defaults()),
                            DType.FLOAT32,
                            net(),
                            new Adam(1e-3),
                            4,
                            5,
                            true);
                    assertThat(run.losses()).isEqualTo(eager.losses());
                    assertThat(device.leaks()).isEmpty();
                }));
    }

    @Test
    void aLostDeviceEndsInAnException() {
        SoftwareDevice device = SoftwareGpu.device();
        Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
        Tensor x = session.ones(Shape.of(100));
        device.lose(UNKNOWN);
        assertThatThrownBy(() -> x.mul(2).toFloats())
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("999");
        assertThatThrownBy(session::close).isInstanceOf(CudaException.class);
        device.lose(0);
        // What a lost device held is not the program's to give back; here it has to go before the next test.
        JCudaDriver.cuDevicePrimaryCtxReset(new CUdevice());
        JCudaDriver.cuDevicePrimaryCtxRelease(new CUdevice());
    }

    /** Convolutions for which cuDNN's graphs are asked, in 16 bits. */
    private static Layer fusedNet() {
        return new Sequential(
                new Conv2d(3, 8, 3).padding(1).bias(false),
                new BatchNorm(8),
                new MaxPool2d(4),
                new Conv2d(8, 8, 3).padding(1).activation(Activation.RELU),
                new Flatten(),
                new Linear(8 * 8 * 8, 10));
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 4, 3).padding(1),
                new MaxPool2d(4),
                new Conv2d(4, 4, 3).padding(1),
                new Dropout(0.25),
                new Flatten(),
                new Linear(4 * 8 * 8, 10));
    }
}
