package org.alborz.cli;

import java.util.List;
import org.alborz.optim.Optimizers;

/** What a net is trained with unless options say otherwise. */
record Recipe(String optimizer, double learningRate, double weightDecay, String schedule, int epochs, int batchSize) {
    /** What the help says of recipes. */
    static final String HELP =
            "Unless options say otherwise, resnets, vgg and mobilenet-v2 are trained on real images by nesterov with a learning"
                    + " rate of 0.1, a weight decay of 0.0005 and the schedule cosine for 40 epochs; gpt and lstm by adam with"
                    + " 0.003 and cosine for 10; mlp on tables by adam with 0.001 for 100; all else by adam with 0.001 for 5.";

    private static final List<String> NORMALIZED =
            List.of("resnet18", "resnet20", "resnet50", "resnet56", "vgg11", "vgg16", "mobilenet-v2");

    private static final Recipe QUICK = new Recipe("adam", 0.001, 0, ScheduleSettings.CONSTANT, 5, 128);
    private static final Recipe LONG = new Recipe("nesterov", 0.1, 5e-4, ScheduleSettings.COSINE, 40, 128);
    private static final Recipe TEXT = new Recipe("adam", 0.003, 0, ScheduleSettings.COSINE, 10, 32);
    private static final Recipe TABLE = new Recipe("adam", 0.001, 0, ScheduleSettings.CONSTANT, 100, 32);

    /** Returns the usual settings of a net on some data. */
    static Recipe of(String model, String data) {
        if (TextSettings.isOf(model)) {
            return TEXT;
        }
        if (TableSource.isAt(data)) {
            return TABLE;
        }
        return NORMALIZED.contains(model) && !data.equals(ImageSource.GENERATED) ? LONG : QUICK;
    }

    /** Returns the recipe with another optimizer, and what is usual for that. */
    Recipe by(String name) {
        OptionChecks.oneOf("--optimizer", name, Optimizers.NAMES);
        return name.equals(optimizer)
                ? this
                : new Recipe(
                        name,
                        Optimizers.usualLearningRate(name),
                        Optimizers.usualWeightDecay(name),
                        schedule,
                        epochs,
                        batchSize);
    }
}
