package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.alborz.backend.MemoryStatistics;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.cuda.memory.DeviceMemoryException;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.data.Sampler;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.AdamW;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.DataOnDevice;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A trainer on a GPU keeps images there by itself: steps upload nothing, and compute the same bits. */
final class CudaDataOnDeviceTest {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("org.alborz.train.PlacedData");

    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @BeforeEach
    void listen() {
        said.start();
        LOG.addAppender(said);
        LOG.setLevel(Level.INFO);
        LOG.setAdditive(false);
    }

    @AfterEach
    void nothingIsLeft() {
        LOG.setAdditive(true);
        LOG.setLevel(null);
        LOG.detachAppender(said);
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    /**
     * What a training came to.
     *
     * @param works what each step put on the device, and
     * @param memory what the pool held after it
     */
    private record Run(
            List<Map<String, Double>> epochs,
            double[] weights,
            List<List<StreamWork>> works,
            List<MemoryStatistics> memory) {}

    private record FirstSamples(int count) implements Sampler {
        @Override
        public int samples(int size) {
            return count;
        }

        @Override
        public int[] draw(int size, RandomStream random) {
            return IntStream.range(0, count).toArray();
        }
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 4, 3).stride(4).activation(Activation.RELU),
                new BatchNorm(4),
                new Dropout(0.2),
                new Flatten(),
                new Linear(4 * 8 * 8, 10));
    }

    /** Six batches of four, and one of two, in each of two epochs. */
    private static Run run(CudaBackend backend, DataOnDevice where, boolean captured) {
        return run(backend, where, captured, 2, UnaryOperator.identity());
    }

    private static Run run(
            CudaBackend backend,
            DataOnDevice where,
            boolean captured,
            int epochs,
            UnaryOperator<DataLoader.Builder> changed) {
        return run(backend, where, captured, epochs, changed, trainer -> {});
    }

    private static Run run(
            CudaBackend backend,
            DataOnDevice where,
            boolean captured,
            int epochs,
            UnaryOperator<DataLoader.Builder> changed,
            Consumer<Trainer> afterBatch) {
        List<List<StreamWork>> works = new ArrayList<>();
        List<MemoryStatistics> memory = new ArrayList<>();
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model = Model.create(session, net(), 7)) {
            Trainer trainer = Trainer.classifier(model, new AdamW(1e-2), Loss.crossEntropy())
                    .seed(7)
                    .graphCapture(captured)
                    .dataOnDevice(where)
                    .callback(new Callback() {
                        @Override
                        public void onBatchBegin(Trainer running) {
                            List<StreamWork> own = new ArrayList<>();
                            works.add(own);
                            backend.observe(own::add);
                        }

                        @Override
                        public void onBatchEnd(Trainer running) {
                            backend.observe(null);
                            memory.add(session.memory());
                            afterBatch.accept(running);
                        }
                    })
                    .build();
            DataLoader train = changed.apply(DataLoader.of(GeneratedImages.train(7, 26), 4)
                            .shuffle(true)
                            .transform(new RandomCrop(4).reflecting())
                            .transform(new RandomHorizontalFlip()))
                    .build();
            DataLoader validation = DataLoader.of(GeneratedImages.test(7, 6), 4).build();
            List<Map<String, Double>> results = trainer.fit(train, validation, epochs).stream()
                    .map(EpochResult::figures)
                    .toList();
            return new Run(results, model.values().toDoubles(), works, memory);
        }
    }

    private List<String> messages() {
        return said.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.contains(" data are "))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stepsUploadNothing(boolean captured) {
        Run kept = run(SoftwareGpu.open(), DataOnDevice.AUTO, captured);
        assertThat(messages()).hasSize(2).allMatch(message -> message.contains("are kept by the device"));
        Run uploaded = run(SoftwareGpu.open(), DataOnDevice.OFF, captured);
        assertThat(kept.epochs).isEqualTo(uploaded.epochs);
        assertThat(kept.weights).isEqualTo(uploaded.weights);
        assertThat(kept.works).hasSize(14);
        for (List<StreamWork> step : kept.works) {
            assertThat(step).isNotEmpty().noneMatch(work -> isTransfer(work.kind()));
        }
        assertThat(uploaded.works.get(13)).anyMatch(work -> work.kind() == WorkKind.UPLOAD);
        if (captured) {
            assertThat(kept.works.get(5))
                    .extracting(StreamWork::name)
                    .containsExactly("gather_images", "gather", "set_replay", "graph");
        } else {
            assertThat(kept.memory.subList(2, 5)).containsOnly(kept.memory.get(1));
        }
    }

    private static boolean isTransfer(WorkKind kind) {
        return kind == WorkKind.UPLOAD || kind == WorkKind.DOWNLOAD;
    }

    /** 26 images and their labels take 80 KB, of which four times as much has to be free. */
    @Test
    void whatTakesTooMuchIsUploadedBatchByBatch() {
        CudaBackend backend = SoftwareGpu.open();
        long taken = SoftwareGpu.device().liveBytes();
        SoftwareGpu.device().limitMemory(taken + 300_000);
        assertThat(backend.freeMemory()).hasValue(300_000);
        Run run = run(backend, DataOnDevice.AUTO, false);
        assertThat(messages())
                .first()
                .asString()
                .contains("The training data are uploaded batch by batch: 0.1 MB are more than a quarter of the 0.")
                .contains(" MB that the device has free");
        assertThat(run.works.get(0)).anyMatch(work -> work.kind() == WorkKind.UPLOAD);
    }

    @Test
    void whereTheNetRunsOutOfMemoryTheRemedyIsNamed() {
        CudaBackend backend = SoftwareGpu.open();
        assertThatThrownBy(() -> run(
                        backend,
                        DataOnDevice.AUTO,
                        false,
                        2,
                        UnaryOperator.identity(),
                        trainer -> SoftwareGpu.device()
                                .limitMemory(SoftwareGpu.device().liveBytes() / 2)))
                .isInstanceOf(DeviceMemoryException.class);
        assertThat(said.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .singleElement()
                .asString()
                .contains("the data that it keeps take 0.1 MB; dataOnDevice(OFF) (--data-on-device off)");
    }

    @Test
    void dataThatAreReadOnceAreUploadedBatchByBatch() {
        run(SoftwareGpu.open(), DataOnDevice.AUTO, false, 1, UnaryOperator.identity());
        assertThat(messages())
                .containsExactly(
                        "The training data are uploaded batch by batch: they are read once",
                        "The validation data are uploaded batch by batch: they are read once");
    }

    @Test
    void dataOfWhichAnEpochReadsAPartAreUploadedBatchByBatch() {
        run(
                SoftwareGpu.open(),
                DataOnDevice.AUTO,
                false,
                2,
                loader -> loader.shuffle(false).sampler(new FirstSamples(24)));
        assertThat(messages())
                .first()
                .isEqualTo("The training data are uploaded batch by batch: an epoch reads 24 of 26 samples");
    }
}
