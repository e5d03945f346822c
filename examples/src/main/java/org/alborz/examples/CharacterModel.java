package org.alborz.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alborz.data.CharacterVocabulary;
import org.alborz.data.DataLoader;
import org.alborz.data.TokenWindows;
import org.alborz.models.Gpt;
import org.alborz.models.TextSampler;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;

/**
 * Trains a small GPT on the characters of a text file, and has it write more of the kind.
 *
 * <p>Prints the loss of each epoch in nats and 400 characters. The vocabulary is saved beside the model's weights.
 */
public final class CharacterModel {
    private static final int CONTEXT = 64;

    private CharacterModel() {}

    /** Takes a text file, a folder for the vocabulary, and a backend's name, {@code auto} without. */
    public static void main(String[] args) throws IOException {
        System.out.println(train(args.length < 3 ? "auto" : args[2], Path.of(args[0]), Path.of(args[1]), 20, 400));
    }

    static String train(String backend, Path file, Path folder, int epochs, int characters) throws IOException {
        String text = Files.readString(file);
        CharacterVocabulary vocabulary = CharacterVocabulary.of(text);
        vocabulary.save(folder.resolve("vocabulary.txt"));
        DataLoader data = DataLoader.of(
                        TokenWindows.of(vocabulary.encode(text), CONTEXT).stride(16), 32)
                .shuffle(true)
                .build();
        Gpt gpt = new Gpt(new Gpt.Configuration(vocabulary.size(), CONTEXT, 64, 4, 2, 0.1));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, gpt, 1)) {
            Trainer trainer = Trainer.languageModel(model, new Adam(3e-3), -100).build();
            trainer.fit(data, epochs).forEach(System.out::println);
            int[] start = vocabulary.encode(text.substring(0, 1));
            return vocabulary.decode(new TextSampler(session, gpt, CONTEXT, 0.8).sample(start, characters, 1));
        }
    }
}
