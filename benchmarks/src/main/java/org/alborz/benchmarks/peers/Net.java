package org.alborz.benchmarks.peers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.alborz.data.Field;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.Layer;
import org.alborz.nn.Loss;
import org.alborz.nn.Lstm;
import org.alborz.nn.Model;
import org.alborz.nn.TransformerEncoderLayer;
import org.alborz.optim.Adam;
import org.alborz.train.Objective;
import org.alborz.train.Trainer;
import org.alborz.type.DType;

/** A net that contestants train and run, with what it reads and what it is trained to. */
public enum Net {
    /** Models's net of this name, as the next two. */
    CIFAR_CNN(Net.image(), Net.label(), false, () -> Models.byName("cifar-cnn", Net.CLASSES)),
    RESNET20(Net.image(), Net.label(), true, () -> Models.byName("resnet20", Net.CLASSES)),
    MOBILENET_V2(Net.image(), Net.label(), false, () -> Models.byName("mobilenet-v2", Net.CLASSES)),
    /** Dense layers of 784, 512, 256 and 10. */
    MLP(Net.numbers("x", 784), Net.label(), true, () -> Models.mlp(784, 512, 256, Net.CLASSES)),
    /** Two layers of 256 units over 100 steps, trained to numbers of no meaning. */
    LSTM(Net.numbers("x", 100, 256), Net.numbers("target", 100, 256), true, () -> new Lstm(256, 256).layers(2)),
    /** Causal attention of 6 heads and a feed-forward net over 256 positions of 384 numbers, likewise. */
    GPT_BLOCK(
            Net.numbers("x", 256, 384),
            Net.numbers("target", 256, 384),
            true,
            () -> new TransformerEncoderLayer(384, 6, 4 * 384)
                    .dropout(0)
                    .activation(Activations.gelu())
                    .normFirst(true)
                    .causal(true));

    static final int CLASSES = 10;

    private final List<Field> fields;
    private final boolean trainsAlike;
    private final Supplier<Layer> layers;

    Net(Field input, Field target, boolean trainsAlike, Supplier<Layer> layers) {
        this.fields = List.of(input, target);
        this.trainsAlike = trainsAlike;
        this.layers = layers;
    }

    private static Field image() {
        return Field.image("image", DType.FLOAT32, 3, 32, 32);
    }

    private static Field label() {
        return Field.of("label", DType.INT32);
    }

    private static Field numbers(String name, int... sizes) {
        return Field.of(name, DType.FLOAT32, sizes);
    }

    /** Returns the net's name in a work's, such as {@code mobilenet-v2}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the net of a name, or null. */
    static Net named(String word) {
        return Arrays.stream(values())
                .filter(net -> net.word().equals(word))
                .findFirst()
                .orElse(null);
    }

    /** Returns the fields of a sample: the input and what is to be made of it. */
    public List<Field> fields() {
        return fields;
    }

    /** Tells whether it reads images, whose memory order matters. */
    public boolean readsImages() {
        return this == CIFAR_CNN || this == RESNET20 || this == MOBILENET_V2;
    }

    /** Tells whether it is trained by cross-entropy, to labels; else by the mean squared error, to numbers. */
    public boolean isClassifier() {
        return fields.get(1).type() == DType.INT32;
    }

    /** Tells whether training gives every contestant the same weights: there is no dropout. */
    public boolean trainsAlike() {
        return trainsAlike;
    }

    /** Returns the samples on which contestants must agree. */
    public Noise compared() {
        return new Noise(this, 99, isClassifier() ? 16 : 2);
    }

    Layer layers() {
        return layers.get();
    }

    Trainer trainer(Model model) {
        Adam adam = new Adam(Contestant.LEARNING_RATE);
        return isClassifier()
                ? Trainer.classifier(model, adam, Loss.crossEntropy()).build()
                : Trainer.of(model, adam, Objective.supervised(model, Loss.mse()))
                        .build();
    }
}
