package org.alborz.cuda.budget;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.CudaBackend;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.data.TokenWindows;
import org.alborz.models.Gpt;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.DataOnDevice;
import org.alborz.train.Trainer;
import org.alborz.type.DType;

/**
 * The training steps that are counted: the net, the size of its batch, Adam, and TF32 or mixed precision with bfloat16. Their budget is
 * what a GPU needs at most for them once the backend is as good as it should be.
 */
public enum CountedStep {
    CIFAR_CNN_128("cifar-cnn", 128, true, 50, 0.60),
    CIFAR_CNN_1024("cifar-cnn", 1024, true, 50, 4.3),
    RESNET20_128("resnet20", 128, true, 190, 1.5),
    RESNET18_512("resnet18", 512, false, 190, 9),
    /** GPT-2 with 12 layers, 768 wide, of 1,024 tokens, without dropout. */
    GPT2_8("gpt2", 8, false, 0, 1.25e-9 * GptTraffic.bytes());

    private static final int SIZE = 32;
    private static final Gpt.Configuration GPT = new Gpt.Configuration(
            GptTraffic.VOCABULARY, GptTraffic.TOKENS, GptTraffic.WIDTH, GptTraffic.HEADS, GptTraffic.LAYERS, 0);

    private final String net;
    private final int batch;
    private final boolean tf32;
    private final int budgetOperations;
    private final double budgetGigabytes;

    CountedStep(String net, int batch, boolean tf32, int budgetOperations, double budgetGigabytes) {
        this.net = net;
        this.batch = batch;
        this.tf32 = tf32;
        this.budgetOperations = budgetOperations;
        this.budgetGigabytes = budgetGigabytes;
    }

    /** Returns the name on the command line, such as {@code resnet20-128}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the names of all. */
    public static List<String> labels() {
        return Stream.of(values()).map(CountedStep::label).toList();
    }

    /** Returns the precision in words. */
    public String precision() {
        return tf32 ? "TF32" : "mixed bfloat16";
    }

    /** Tells whether float32 factors are rounded to TF32; else precision is mixed with bfloat16. */
    public boolean isTf32() {
        return tf32;
    }

    /** Returns how many operations the step should have at most, or 0 where nothing is set. */
    public int budgetOperations() {
        return budgetOperations;
    }

    /** Returns how many GB the step should move at most, or 0 where nothing is set. */
    public double budgetGigabytes() {
        return budgetGigabytes;
    }

    /** Tells whether its data are images, which the device can keep. */
    public boolean isOfImages() {
        return !isText();
    }

    /**
     * Counts the step on a device that does not have to compute, such as software CUDA that is idle. The native libraries must be loaded.
     *
     * @param where whether the device keeps the data
     */
    public StepBudget count(DataOnDevice where) {
        BackendOptions options = tf32 ? BackendOptions.defaults().withTf32() : BackendOptions.defaults();
        CudaBackend backend = new CudaBackend(options);
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model = model(session)) {
            StepBudget.Counter counter = new StepBudget.Counter(backend);
            Trainer trainer = trainer(model)
                    .graphCapture(true)
                    .dataOnDevice(where)
                    .verbose(false)
                    .callback(counter)
                    .build();
            trainer.fit(DataLoader.of(data(), batch).build(), StepBudget.STEPS);
            return counter.budget();
        }
    }

    private Model model(Session session) {
        Precision precision = tf32 ? Precision.full() : Precision.mixed(DType.BFLOAT16);
        return isText()
                ? Model.create(session, new Gpt(GPT), precision, 1)
                : Model.create(session, Models.byName(net, 10, SIZE), precision, 1);
    }

    private Trainer.Builder trainer(Model model) {
        Adam optimizer = new Adam(1e-3);
        return isText()
                ? Trainer.languageModel(model, optimizer, -100)
                : Trainer.classifier(model, optimizer, Loss.crossEntropy());
    }

    private Dataset data() {
        return isText()
                ? TokenWindows.of(new int[batch * GptTraffic.TOKENS + 1], GptTraffic.TOKENS)
                : GeneratedImages.train(1, batch);
    }

    private boolean isText() {
        return this == GPT2_8;
    }
}
