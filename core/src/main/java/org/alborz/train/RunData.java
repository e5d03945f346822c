package org.alborz.train;

import java.util.List;
import org.alborz.data.DataException;
import org.alborz.data.DataLoader;
import org.alborz.data.LoaderDescription;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data of a run, and those that it has to continue after a resume. */
final class RunData {
    private static final Logger log = LoggerFactory.getLogger(RunData.class);

    private DataLoader loader;
    private DataLoader validation;
    private LoaderDescription expectedLoader;
    private String expectedValidation;

    /**
     * Refuses training data that a run, or an epoch that was begun, cannot continue with.
     *
     * @throws IllegalArgumentException when it refuses them
     */
    void requireExpected(DataLoader train, Position position) {
        if (expectedLoader != null) {
            expectedLoader.difference(train.description()).ifPresent(difference -> {
                throw new IllegalArgumentException("The run to continue was trained on other data: " + difference
                        + "; use the same data and loader settings, or start a new run");
            });
        } else if (position.nextBatch > 0 && loader != null && loader != train) {
            loader.description().difference(train.description()).ifPresent(difference -> {
                throw new IllegalArgumentException(
                        "Epoch " + (position.epoch + 1) + " stopped after " + position.nextBatch
                                + " batches of other data: " + difference
                                + "; continue with the same data and loader settings, or begin the epoch again with restartEpoch()");
            });
        }
    }

    /**
     * Returns which of both names more classes: the data to evaluate on may lack the last of those that the model is trained on.
     *
     * @param train null where none are known
     * @throws IllegalArgumentException when their labels mean other classes
     */
    static DataLoader namingClasses(DataLoader train, DataLoader other) {
        List<String> expected = train == null ? List.of() : train.dataset().classes();
        List<String> got = other.dataset().classes();
        int common = Math.min(expected.size(), got.size());
        for (int i = 0; i < common; i++) {
            if (!expected.get(i).equals(got.get(i))) {
                throw new IllegalArgumentException("The model is trained on the classes " + Quoted.list(expected)
                        + ", and the data to evaluate it on, " + other.dataset().description() + ", have "
                        + Quoted.list(got) + ": label " + i + " means " + Quoted.text(expected.get(i)) + " in one and "
                        + Quoted.text(got.get(i)) + " in the other. Give both the same classes in the same order;"
                        + " to an image folder, add an empty folder for a class without images");
            }
        }
        return common > 0 && expected.size() > common ? train : other;
    }

    /** Takes the data of a fit; warns of other validation data than the run had. */
    void begin(DataLoader train, DataLoader validated) {
        if (expectedValidation != null && !expectedValidation.equals(describe(validated))) {
            log.warn(
                    "The run to continue was validated on {}, and is now on {}: the best result and early stopping compare both.",
                    Quoted.text(expectedValidation, 500),
                    Quoted.text(describe(validated), 500));
        }
        loader = train;
        validation = validated;
        expectedLoader = null;
        expectedValidation = null;
    }

    /** Returns data in words; without what shows their content where it cannot be read, so that a run can be saved after that. */
    private static String describe(DataLoader data) {
        try {
            return data == null ? "nothing" : data.description().toString();
        } catch (DataException e) {
            return data.dataset().description();
        }
    }

    void expectLoader(LoaderDescription description) {
        expectedLoader = description;
    }

    void expectValidation(String description) {
        expectedValidation = description;
    }

    DataLoader loader() {
        return loader;
    }

    DataLoader validation() {
        return validation;
    }

    LoaderDescription loaderDescription() {
        return expectedLoader != null || loader == null ? expectedLoader : loader.description();
    }

    String validationDescription() {
        return expectedValidation != null ? expectedValidation : describe(validation);
    }
}
