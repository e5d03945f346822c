package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.LoadOptions;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.checkpoint.SafetensorsType;
import org.alborz.checkpoint.SafetensorsWriter;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is loaded from a checkpoint is loaded whole or not at all, and only where it belongs.
 *
 * <p>The file is long because each part of a checkpoint is left out, damaged and taken from another run in a case of its own.
 */
class LoadingTest {
    @TempDir
    Path directory;

    /** A tensor to write, of bytes as they are stored in the file. */
    private record Item(String name, SafetensorsType type, Shape shape, byte[] bytes) {}

    private Path saved() {
        Path file = directory.resolve("saved.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session);
            try (Model model = trainer.model()) {
                trainer.fit(loader(), 1);
                Checkpoint.save(file, trainer, Map.of("purpose", "test"));
            }
        }
        return file;
    }

    private static Trainer trainer(Session session) {
        return TrainingRuns.trainer(session, new Adam(1e-2));
    }

    private static DataLoader loader() {
        return TrainingRuns.loader(12, 6);
    }

    /** Tries to load weights and to resume, both of which must be refused with one of the messages and change nothing. */
    private static void requireRefused(Path file, String... messages) {
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session);
            try (Model model = trainer.model()) {
                Map<String, List<Double>> before = valuesOf(trainer);
                assertThatThrownBy(() -> Weights.load(file, model))
                        .isInstanceOf(CheckpointException.class)
                        .message()
                        .containsAnyOf(messages);
                assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                        .isInstanceOf(CheckpointException.class)
                        .message()
                        .containsAnyOf(messages);
                assertThat(valuesOf(trainer)).isEqualTo(before);
                assertThat(trainer.step()).isZero();
            }
        }
    }

    private static Map<String, List<Double>> valuesOf(Trainer trainer) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        trainer.model()
                .parameters()
                .forEach((name, p) -> values.put(name, boxed(p.value().toDoubles())));
        trainer.optimizer().state().forEach((name, state) -> values.put("optimizer." + name, boxed(state.toDoubles())));
        return values;
    }

    private static List<Double> boxed(double[] values) {
        List<Double> list = new ArrayList<>();
        for (double value : values) {
            list.add(value);
        }
        return list;
    }

    private List<Item> itemsOf(Path file) {
        List<Item> items = new ArrayList<>();
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            for (SafetensorsEntry entry : saved.entries()) {
                byte[] bytes = new byte[(int) entry.bytes()];
                saved.read(entry.name(), ByteBuffer.wrap(bytes));
                items.add(new Item(entry.name(), entry.type(), entry.shape(), bytes));
            }
        }
        return items;
    }

    private Path write(Map<String, String> metadata, List<Item> items) {
        Path file = directory.resolve("written.safetensors");
        List<SafetensorsEntry> entries = items.stream()
                .map(item -> new SafetensorsEntry(item.name(), item.type(), item.shape()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, entries)) {
            items.forEach(item -> writer.write(item.name(), ByteBuffer.wrap(item.bytes())));
            writer.commit();
        }
        return file;
    }

    private Path rewritten(Path file, Consumer<Map<String, String>> metadata, Consumer<List<Item>> items) {
        Map<String, String> changedMetadata = new LinkedHashMap<>(Checkpoint.metadata(file));
        List<Item> changedItems = itemsOf(file);
        metadata.accept(changedMetadata);
        items.accept(changedItems);
        return write(changedMetadata, changedItems);
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        byte[] good = Files.readAllBytes(saved());
        int header =
                8 + (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        Random random = new Random(7);
        Path file = directory.resolve("flipped.safetensors");
        for (int i = 0; i < 150; i++) {
            // As many in the header as in the data.
            int at = i % 2 == 0 ? random.nextInt(header) : header + random.nextInt(good.length - header);
            byte[] damaged = good.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            try {
                requireRefused(file, "damaged", "not a usable", "is an Alborz checkpoint of format");
            } catch (AssertionError e) {
                throw new AssertionError("seed 7, flip " + i + " at byte " + at + " of " + good.length, e);
            }
        }
    }

    @Test
    void aFileThatEndsEarlyChangesNothing() throws IOException {
        byte[] good = Files.readAllBytes(saved());
        Path file = directory.resolve("cut.safetensors");
        for (int cut : new int[] {1, 100, 5000, good.length - 9, good.length - 1}) {
            Files.write(file, java.util.Arrays.copyOf(good, good.length - cut));
            requireRefused(file, "not a usable safetensors file");
        }
    }

    @Test
    void anInterruptChangesNothingAndIsNamed() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session);
            try (Model model = trainer.model()) {
                Map<String, List<Double>> before = valuesOf(trainer);
                for (Runnable call :
                        List.<Runnable>of(() -> Weights.load(file, model), () -> Checkpoint.resume(file, trainer))) {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(call::run)
                            .isInstanceOf(CheckpointException.class)
                            .hasMessageContaining("interrupted")
                            .hasMessageNotContaining("disk");
                    assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
                }
                assertThat(valuesOf(trainer)).isEqualTo(before);

                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> Checkpoint.save(directory.resolve("new.safetensors"), trainer, Map.of()))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("its thread was interrupted")
                        .hasMessageNotContaining("disk");
                assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
                assertThat(directory.resolve("new.safetensors")).doesNotExist();
                assertThat(directory.toFile().list()).containsExactly("saved.safetensors");
            }
        }
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() {
        Path file = saved();
        String[] names = {"model.0.weight", "model.7.bias"};
        for (String name : names) {
            for (float number : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                requireRefused(
                        rewritten(file, m -> {}, items -> put(items, name, 2, number)),
                        "'" + name + "'",
                        "holds numbers that are not finite: 1 of ");
            }
        }
        String optimizer = itemsOf(file).stream()
                .map(Item::name)
                .filter(name -> name.startsWith("optimizer."))
                .findFirst()
                .orElseThrow();
        Path broken = rewritten(file, m -> {}, items -> put(items, optimizer, 1, Float.NaN));
        try (Session session = Session.open("cpu-scalar")) {
            refusesToResume(
                    broken,
                    "'" + optimizer + "' (F32 [6, 3, 3, 3]) holds numbers that are not finite",
                    () -> trainer(session));
            Weights.load(broken, session, TrainingRuns.smallNet()).close();
        }
    }

    @Test
    void aStateMayBeInfiniteAndNotNaN() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar")) {
            Path masked =
                    rewritten(file, m -> {}, items -> put(items, "model.1.running_mean", 0, Float.NEGATIVE_INFINITY));
            Weights.load(masked, session, TrainingRuns.smallNet()).close();
            Trainer trainer = trainer(session);
            Checkpoint.resume(masked, trainer);
            Checkpoint.save(directory.resolve("masked.safetensors"), trainer, Map.of());
            trainer.model().close();
        }
        requireRefused(
                rewritten(file, m -> {}, items -> put(items, "model.1.running_mean", 0, Float.NaN)),
                "the first at index 0, NaN");
    }

    @Test
    void whatCouldNotBeLoadedIsNotSaved() {
        Path file = directory.resolve("diverged.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session);
            try (Model model = trainer.model()) {
                trainer.fit(loader(), 1);
                trainer.optimizer().state().values().iterator().next().fill(Double.NaN);
                assertThatThrownBy(() -> Checkpoint.save(file, trainer, Map.of()))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("was not written: tensor 'optimizer.")
                        .hasMessageContaining("holds numbers that are not finite");
                new ModelCheckpoint(directory).every(1).afterStep(trainer);
            }
        }
        assertThat(directory.toFile().list()).isEmpty();
    }

    private static void put(List<Item> items, String name, int index, float number) {
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            if (item.name().equals(name)) {
                byte[] bytes = item.bytes().clone();
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(4 * index, number);
                items.set(i, new Item(name, item.type(), item.shape(), bytes));
                return;
            }
        }
        throw new AssertionError("no tensor " + name);
    }

    @Test
    void moreOrFewerTensorsAreRefusedUnlessPartIsAskedFor() {
        Path file = saved();
        Item extra = new Item("model.9.weight", SafetensorsType.F32, Shape.of(1), new byte[4]);
        requireRefused(rewritten(file, m -> {}, items -> items.add(extra)), "It has 'model.9.weight', which the model");
        Item odd = new Item("optimizer.third.9.weight", SafetensorsType.F32, Shape.of(1), new byte[4]);
        requireRefused(rewritten(file, m -> {}, items -> items.add(odd)), "It has 'optimizer.third.9.weight'");
        Path fewer = rewritten(
                file, m -> {}, items -> items.removeIf(item -> item.name().equals("model.0.weight")));
        requireRefused(fewer, "it lacks '0.weight'", "it lacks 'model.0.weight'");

        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, TrainingRuns.smallNet(), 99)) {
            double[] first = model.parameters().get("0.weight").value().toDoubles();
            Weights.load(fewer, model, LoadOptions.partial());
            assertThat(model.parameters().get("0.weight").value().toDoubles()).isEqualTo(first);
            Path whole = file;
            double[] bias = model.parameters().get("7.bias").value().toDoubles();
            Weights.load(whole, model);
            assertThat(model.parameters().get("7.bias").value().toDoubles()).isEqualTo(bias);
            assertThat(model.parameters().get("0.weight").value().toDoubles()).isNotEqualTo(first);
        }
        Path strange = write(Map.of(), List.of(extra));
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, TrainingRuns.smallNet(), 99)) {
            assertThatThrownBy(() -> Weights.load(strange, model, LoadOptions.partial()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("no tensor of this model");
        }
    }

    @Test
    void everythingThatShapesARunIsCompared() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar");
                Session wide = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            refusesToResume(file, "optimizer 'adam", () -> TrainingRuns.trainer(session, new Sgd(1e-2).momentum(0.9)));
            refusesToResume(file, "learning_rate=0.01", () -> TrainingRuns.trainer(session, new Adam(2e-2)));
            refusesToResume(file, "data_type 'float32' against 'float64'", () -> trainer(wide));
            refusesToResume(
                    file,
                    "label_smoothing=0.1' against 'cross_entropy label_smoothing=0.2'",
                    () -> other(session, Loss.crossEntropy(0.2))
                            .schedule(Schedule.cosine(100, 3))
                            .seed(13)
                            .build());
            refusesToResume(
                    file,
                    "loss 'cross_entropy label_smoothing=0.1' against 'class LoadingTest$lambda'",
                    () -> other(session, (x, y) -> x.sum())
                            .schedule(Schedule.cosine(100, 3))
                            .seed(13)
                            .build());
            refusesToResume(
                    file,
                    "CosineSchedule[steps=97]]]' against 'ConstantSchedule[]'; seed '13' against '0'",
                    () -> other(session, Loss.crossEntropy(0.1)).build());
        }
    }

    /** The same parameters as the small net has, and other settings of the layers without. */
    private static Trainer trainerOf(Session session, double dropout, int firstStride) {
        Model model = Model.create(
                session,
                new Sequential(
                        new Conv2d(3, 6, 3).stride(2).padding(1).bias(false),
                        new BatchNorm(6),
                        new MaxPool2d(2, firstStride, 0),
                        new Conv2d(6, 8, 3).padding(1).activation(Activation.RELU),
                        new MaxPool2d(2),
                        new Flatten(),
                        new Dropout(dropout),
                        new Linear(8 * 4 * 4, TrainingRuns.CLASSES)),
                11);
        return Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy(0.1))
                .schedule(Schedule.cosine(100, 3))
                .seed(13)
                .build();
    }

    private static Trainer.Builder other(Session session, Loss loss) {
        return Trainer.classifier(Model.create(session, TrainingRuns.smallNet(), 11), new Adam(1e-2), loss);
    }

    private static void refusesToResume(Path file, String message, Supplier<Trainer> make) {
        Trainer trainer = make.get();
        try (Model model = trainer.model()) {
            Map<String, List<Double>> before = valuesOf(trainer);
            assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
            assertThat(valuesOf(trainer)).isEqualTo(before);
        }
    }

    @Test
    void aRunWithoutItsMetadataIsNotResumed() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar")) {
            for (String key : Checkpoint.metadata(file).keySet()) {
                if (List.of(
                                        "purpose",
                                        "saved",
                                        "validation",
                                        "device",
                                        "java",
                                        "os",
                                        "model_precision",
                                        "sync_batch_norm")
                                .contains(key)
                        || key.startsWith("loader.")) {
                    continue;
                }
                Path without = rewritten(file, metadata -> metadata.remove(key), items -> {});
                String message = key.equals("alborz.format") ? "it is no Alborz checkpoint" : "lack '" + key + "'";
                refusesToResume(without, message, () -> trainer(session));
            }
            Path noLoader = rewritten(
                    file, metadata -> metadata.keySet().removeIf(key -> key.startsWith("loader.")), items -> {});
            refusesToResume(noLoader, "lack the loader", () -> trainer(session));
            for (String later : List.of("model_precision", "sync_batch_norm")) {
                Path former = rewritten(file, metadata -> metadata.remove(later), items -> {});
                try (Trainer trainer = trainer(session)) { // from before there was another than the default
                    Checkpoint.resume(former, trainer);
                }
            }
            for (String wrong : List.of("-1", "1e9", "", "99999999999999999999", "9007199254740993", "NaN")) {
                Path damaged = rewritten(file, metadata -> metadata.put("step", wrong), items -> {});
                refusesToResume(damaged, "gives step as".replace("gives", "give"), () -> trainer(session));
            }
        }
    }

    /** Each is taken for itself from a file that is whole otherwise, digest and all. */
    @Test
    void placesThatContradictThemselvesAreNotResumed() {
        Path file = saved();
        Map<String, List<String>> wrong = new LinkedHashMap<>();
        wrong.put("epoch_loss_sum", List.of("-1", "1", "NaN", "Infinity", "-Infinity"));
        wrong.put("epoch_weight_sum", List.of("-1", "1", "NaN", "Infinity"));
        wrong.put("batches_done", List.of("0", "1", "-1", "x"));
        wrong.put("accumulated", List.of("1", "-1", "x"));
        wrong.put("epoch", List.of("3", "2147483647"));
        wrong.put("step", List.of("0"));
        wrong.put("next_batch", List.of("2", "3"));
        wrong.put("loader.batches", List.of("0", "x"));
        try (Session session = Session.open("cpu-scalar")) {
            wrong.forEach((key, values) -> values.forEach(value -> refusesToResume(
                    rewritten(
                            file,
                            metadata -> {
                                metadata.put(key, value);
                                if (key.startsWith("loader.")) {
                                    metadata.put("next_batch", "1");
                                }
                            },
                            items -> {}),
                    "cannot be resumed: its metadata",
                    () -> trainer(session))));
        }
    }

    @Test
    void aResumedTrainerThatIsSavedAtOnceStillNamesItsLoader() {
        Path file = saved();
        Path again = directory.resolve("again.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session);
            try (Model model = trainer.model()) {
                Checkpoint.resume(file, trainer);
                Checkpoint.save(again, trainer, Map.of());
            }
        }
        assertThat(Checkpoint.metadata(again))
                .containsEntry("loader.batch_size", "6")
                .containsEntry("validation", "nothing");
    }

    @Test
    void theFormerFormatLoadsAsWeightsAndIsNotResumed() {
        Path former = rewritten(saved(), metadata -> metadata.put("alborz.format", "1"), items -> {});
        try (Session session = Session.open("cpu-scalar")) {
            refusesToResume(former, "start a new run from them", () -> trainer(session));
            Weights.load(former, session, TrainingRuns.smallNet()).close();
        }
    }

    @Test
    void aDeviceThatFailsInTheMiddleIsNamedAndCallbacksAreAsTheyWere() {
        Path file = directory.resolve("stopping.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            EarlyStopping stopping = new EarlyStopping(3);
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), stopping);
            try (Model model = trainer.model()) {
                trainer.fit(loader(), 1);
                Checkpoint.save(file, trainer, Map.of());
            }
        }
        Backend device = Backends.find().open("cpu-scalar", BackendOptions.defaults());
        AtomicInteger uploadsLeft = new AtomicInteger(Integer.MAX_VALUE);
        Backend failing = (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("upload") && uploadsLeft.getAndDecrement() <= 0) {
                        throw new IllegalStateException("the device is gone");
                    }
                    try {
                        return method.invoke(device, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (Session session = Session.of(failing, DType.FLOAT32)) {
            EarlyStopping stopping = new EarlyStopping(3);
            Map<String, String> before = stopping.state();
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), stopping);
            try (Model model = trainer.model()) {
                uploadsLeft.set(2);
                assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("loaded in part: the device failed after 2 of ")
                        .hasMessageContaining("the device is gone");
                assertThat(stopping.state()).isEqualTo(before);
                assertThat(trainer.step()).isZero();
                uploadsLeft.set(Integer.MAX_VALUE);
                Checkpoint.resume(file, trainer);
                assertThat(trainer.step()).isEqualTo(2);
                assertThat(stopping.state()).isNotEqualTo(before);
            }
        }
    }

    @Test
    void reservedKeysOfTheProvenanceAreRefused() {
        for (String key : List.of("seed", "loader.data", "callback.x", "alborz.format")) {
            assertThatThrownBy(() -> new ModelCheckpoint(directory, Map.of(key, "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + key + "'");
        }
    }

    @Test
    void filesOfOtherProgramsLoadAsWeightsAndAreConverted() throws IOException {
        double[] numbers = {0, -0.0, 1, -2.5, 65504, 6.103515625E-5, 5.9604644775390625E-8, 0.333251953125, 1024};
        for (SafetensorsType type :
                List.of(SafetensorsType.F64, SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16)) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(numbers.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            double[] expected = numbers.clone();
            short[] half = {0, (short) 0x8000, 0x3C00, (short) 0xC100, 0x7BFF, 0x0400, 1, 0x3555, 0x6400};
            for (int i = 0; i < numbers.length; i++) {
                switch (type) {
                    case F64 -> bytes.putDouble(numbers[i]);
                    case F32 -> bytes.putFloat((float) numbers[i]);
                    case F16 -> bytes.putShort(half[i]);
                    default -> {
                        int top = Float.floatToRawIntBits((float) numbers[i]) >>> 16;
                        bytes.putShort((short) top);
                        expected[i] = Float.intBitsToFloat(top << 16);
                    }
                }
            }
            Path file = foreign(new Item("0.weight", type, Shape.of(3, 3), bytes.array()));
            for (DType session : List.of(DType.FLOAT32, DType.FLOAT64)) {
                try (Session opened = Session.open("cpu-scalar", BackendOptions.defaults(), session);
                        Model model = Model.create(opened, new Sequential(new Linear(3, 3).bias(false)), 1)) {
                    Weights.load(file, model);
                    assertThat(model.parameters().get("0.weight").value().toDoubles())
                            .as("%s into %s", type, session)
                            .isEqualTo(expected);
                    Weights.load(file, model, LoadOptions.partial());
                }
            }
        }
        ByteBuffer large = ByteBuffer.allocate(9 * 8).order(ByteOrder.LITTLE_ENDIAN);
        Path tooLarge = foreign(new Item(
                "0.weight",
                SafetensorsType.F64,
                Shape.of(3, 3),
                large.putDouble(64, 1e39).array()));
        Path whole = foreign2(new Item("0.weight", SafetensorsType.I32, Shape.of(3, 3), new byte[36]));
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Sequential(new Linear(3, 3).bias(false)), 1)) {
            double[] before = model.values().toDoubles();
            assertThatThrownBy(() -> Weights.load(tooLarge, model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("beyond the largest float32");
            assertThatThrownBy(() -> Weights.load(whole, model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("no floating tensor");
            assertThat(model.values().toDoubles()).isEqualTo(before);
        }
    }

    private Path foreign(Item item) throws IOException {
        return foreign(item, "foreign.safetensors");
    }

    private Path foreign2(Item item) throws IOException {
        return foreign(item, "foreign2.safetensors");
    }

    /** Writes a file as another program would: no metadata, no digest. */
    private Path foreign(Item item, String name) throws IOException {
        String json = "{\"" + item.name() + "\":{\"dtype\":\"" + item.type() + "\",\"shape\":"
                + item.shape().toString().replace(" ", "") + ",\"data_offsets\":[0," + item.bytes().length + "]}}";
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length() + item.bytes().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length())
                .put(json.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .put(item.bytes());
        return Files.write(directory.resolve(name), bytes.array());
    }

    @Test
    void aCheckpointOfAnotherTypeLoadsAsWeights() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
                Session narrow = Session.open("cpu-scalar");
                Model wide = Model.create(session, TrainingRuns.smallNet(), 1);
                Model same = Model.create(narrow, TrainingRuns.smallNet(), 2)) {
            Weights.load(file, wide);
            Weights.load(file, same);
            wide.parameters()
                    .forEach((name, p) -> assertThat(p.value().toDoubles())
                            .as(name)
                            .isEqualTo(same.parameters().get(name).value().toDoubles()));
        }
    }

    @Test
    void aModelIsComparedBeforeItIsBuilt() {
        Path file = saved();
        try (Session session = Session.open("cpu-scalar");
                Model model = Weights.load(file, session, TrainingRuns.smallNet())) {
            assertThat(model.parameterCount()).isPositive();
            // 8 GB of weights, which are never allocated.
            assertThatThrownBy(() -> Weights.load(file, session, new Sequential(new Linear(20_000, 100_000))))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("shape [100000, 20000]");
        }
    }

    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void onlyRegularFilesAreOpened() throws IOException, InterruptedException {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (Path path : List.of(pipe, Path.of("/dev/zero"), Path.of("/dev/null"))) {
            assertThatThrownBy(() -> Checkpoint.metadata(path))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("no regular file");
        }
        assertThatThrownBy(() -> Checkpoint.metadata(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("a directory");
    }

    @Test
    void namesFromAFileAreEscaped() {
        String evil = "model.\u001b[2J\n\u202eevil";
        Path file = rewritten(
                saved(),
                m -> m.put("alborz.format", "9\u001b[2J"),
                items -> items.add(new Item(evil, SafetensorsType.F32, Shape.of(0), new byte[0])));
        requireRefused(file, "format '9\\u001b[2J'");
        Path other = rewritten(
                saved(), m -> {}, items -> items.add(new Item(evil, SafetensorsType.F32, Shape.of(0), new byte[0])));
        requireRefused(other, "'model.\\u001b[2J\\u000a\\u202eevil'");
    }
}
