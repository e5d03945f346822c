package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.backend.ReduceOp;
import org.alborz.cuda.driver.CudaException;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.optim.Adam;
import org.alborz.random.RandomKey;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a backend has to tolerate: failures in the middle of an operation, other users of the device, captures beside each other. */
final class RobustnessTest {
    private static final int INVALID_VALUE = 1;
    private static final int OUT_OF_MEMORY = 2;
    private static final Shape SHAPE = Shape.of(7, 33);

    @Test
    @Timeout(300)
    void aBackendThatWasNeverClosedIsReportedAndReleased() throws InterruptedException {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(CudaBackend.class);
        logger.addAppender(log);
        logger.setAdditive(false);
        SoftwareGpu.device();
        dropBackend();
        while (log.list.isEmpty()) {
            System.gc();
            Thread.sleep(10);
        }
        logger.setAdditive(true);
        logger.detachAppender(log);
        assertThat(log.list.get(0).getFormattedMessage())
                .startsWith("A backend on Software CUDA")
                .contains("was dropped without close(). Its threads and memory are released now");
    }

    private static void dropBackend() {
        CudaBackend backend = new CudaBackend(BackendOptions.defaults());
        backend.allocate(DType.FLOAT32, 1000);
    }

    /** Work that comes after close has waited touches memory that close has given back; another session on the device would fail by it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingLeavesNoWorkBehind(boolean captured) {
        SoftwareGpu.device().deferred(true);
        BackendOptions poison = BackendOptions.defaults().withPoison();
        try (Session other = Session.of(new CudaBackend(poison), DType.FLOAT32)) {
            try (Session session = Session.of(new CudaBackend(poison), DType.FLOAT32)) {
                trainNormalized(session, captured);
            }
            assertThat(other.full(3, SHAPE).mul(2).toFloats()).containsOnly(6);
        }
    }

    private static void trainNormalized(Session session, boolean captured) {
        Sequential net = new Sequential(
                new Conv2d(3, 4, 3), new BatchNorm(4), new Flatten(), new Dropout(0.5), new Linear(3600, 10));
        int batch = 32; // 98,304 bytes, so many that a stream of its own copies them
        try (Model model = Model.create(session, net, 7)) {
            Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy())
                    .seed(7)
                    .graphCapture(captured)
                    .build()
                    .fit(
                            DataLoader.of(GeneratedImages.train(7, 3 * batch), batch)
                                    .seed(7)
                                    .build(),
                            1);
        }
    }

    @Test
    void aFailedLaunchLeavesNoScratchMemoryInUse() {
        SoftwareDevice device = SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            Tensor x = session.ones(Shape.of(100_000));
            Tensor y = session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(1)));
            session.backend().reductions().reduce(ReduceOp.SUM, x, y);
            long used = session.memory().used();
            device.inject("cuLaunchKernel", 1, INVALID_VALUE);
            assertThatThrownBy(() -> session.backend().reductions().reduce(ReduceOp.SUM, x, y))
                    .isInstanceOf(CudaException.class);
            assertThat(session.memory().used()).isEqualTo(used);
        }
    }

    @Test
    void runningOutOfMemoryInBatchNormLeavesNoScratchMemoryInUse() {
        SoftwareDevice device = SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            Tensor x = session.ones(Shape.of(40_000, 16));
            Tensor c = session.ones(Shape.of(16));
            Tensor y = session.ones(Shape.of(40_000, 16));
            Tensor m = session.ones(Shape.of(16));
            Tensor v = session.ones(Shape.of(16));
            long used = session.memory().used();
            device.inject("cuMemAlloc", 2, OUT_OF_MEMORY);
            assertThatThrownBy(() ->
                            session.backend().normalization().batchNorm(1e-5, x, c, c, null, Activation.NONE, y, m, v))
                    .isInstanceOf(CudaException.class);
            assertThat(session.memory().used()).isEqualTo(used);
        }
    }

    @Test
    void memoryOfOneGraphStaysItsOwnWhenFreedInAnother() {
        SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            GraphCapture capture = session.backend().graphCapture().orElseThrow();
            Tensor x = session.full(3, SHAPE);
            x.mul(2).close();
            Tensor[] kept = new Tensor[1];
            CapturedGraph first = capture.capture(() -> kept[0] = x.mul(2));
            CapturedGraph second = capture.capture(() -> kept[0].close());
            second.close();
            Tensor other = session.full(7, SHAPE);
            first.replay(0);
            assertThat(other.toFloats()).containsOnly(7);
        }
    }

    @Test
    void aThreadWhoseContextWasChangedElsewhereIsServed() {
        SoftwareDevice device = SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            Tensor x = session.full(3, SHAPE);
            // As another backend on a second device, or another library, does.
            JCudaDriver.cuCtxSetCurrent(new CUcontext());
            assertThat(x.mul(2).toFloats()).containsOnly(6);
        }
    }

    @Test
    void aReplayThatFailsLeavesTheRandomNumbersOfOtherWorkAlone() {
        SoftwareDevice device = SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            RandomKey key = new RandomKey(5, 6, 7);
            float[] expected = session.normal(key, SHAPE).toFloats();
            Tensor x = session.full(3, SHAPE);
            x.mul(2).close();
            CapturedGraph graph = session.backend()
                    .graphCapture()
                    .orElseThrow()
                    .capture(() -> x.mul(2).close());
            device.inject("cuGraphLaunch", 1, OUT_OF_MEMORY);
            assertThatThrownBy(() -> graph.replay(1000)).isInstanceOf(CudaException.class);
            assertThat(session.normal(key, SHAPE).toFloats()).isEqualTo(expected);
        }
    }

    @Test
    void cudnnFailingToProposeAlgorithmsIsAnError() {
        SoftwareDevice device = SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            Tensor x = session.ones(Shape.of(2, 3, 8, 8));
            Tensor w = session.ones(Shape.of(4, 3, 3, 3));
            device.inject("cudnnGetConvolutionForwardAlgorithm_v7", 1, 5000);
            assertThatThrownBy(() ->
                            Engine.apply(new Conv2dOp(Conv2dParameters.defaults(), Activation.NONE), x, w, null, null))
                    .isInstanceOf(CudaException.class);
        }
    }

    @Test
    void autoTakesTheCpuWhereCudaCannotBeOpened() {
        SoftwareDevice device = SoftwareGpu.device();
        String before = System.setProperty(
                "alborz.cuda.libraries", SoftwareCuda.folder().toString());
        try {
            Backends found = Backends.find();
            try (Backend cuda = found.open(Backends.AUTO, BackendOptions.defaults())) {
                assertThat(cuda.name()).isEqualTo("cuda");
            }
            device.inject("cuDevicePrimaryCtxRetain", 1, OUT_OF_MEMORY);
            try (Backend other = found.open(Backends.AUTO, BackendOptions.defaults())) {
                assertThat(other.name()).startsWith("cpu");
            }
        } finally {
            if (before == null) {
                System.clearProperty("alborz.cuda.libraries");
            } else {
                System.setProperty("alborz.cuda.libraries", before);
            }
        }
    }

    @Test
    void trainersOneAfterTheOtherDoNotPileUpReserves() {
        SoftwareDevice device = SoftwareGpu.device();
        List<Long> held = new ArrayList<>();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            for (int i = 0; i < 4; i++) {
                try (Model model = Model.create(
                        session, new Sequential(new Flatten(), new Linear(3072, 64), new Linear(64, 10)), 7)) {
                    Trainer trainer = Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy())
                            .seed(7)
                            .graphCapture(true)
                            .build();
                    trainer.fit(
                            DataLoader.of(GeneratedImages.train(7, 16), 4)
                                    .seed(7)
                                    .build(),
                            1);
                }
                held.add(device.liveBytes());
            }
        }
        assertThat(held.get(3)).as("%s", held).isEqualTo(held.get(1));
    }
}
