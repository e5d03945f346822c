package org.alborz.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataException;

/** The files of a training run. */
record RunFolder(Path path) {
    /** Returns the folder of a new run, which must not hold another one. */
    static RunFolder fresh(Path path) {
        RunFolder folder = new RunFolder(path);
        if (Files.exists(folder.last()) || Files.exists(folder.best())) {
            throw CommandFailure.usage(
                    path + " holds a run already; go on with it by --resume, or choose another --out");
        }
        return folder;
    }

    /** Returns the folder of a run to go on with. */
    static RunFolder existing(Path path) {
        if (path == null) {
            throw CommandFailure.usage("--resume expects the folder of the run, such as --out runs/NAME");
        }
        RunFolder folder = new RunFolder(path);
        if (!Files.isRegularFile(folder.last())) {
            throw new DataException("There is no " + folder.last()
                    + " to go on from; check --out, or start a new run without" + " --resume");
        }
        return folder;
    }

    void create() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.FAILED, "The folder " + path + " could not be made (" + e + "); choose another --out", e);
        }
    }

    /** Weights of the epoch with the best validation accuracy. */
    Path best() {
        return path.resolve(ModelCheckpoint.BEST);
    }

    /** The state after the last epoch or interruption, to go on from. */
    Path last() {
        return path.resolve(ModelCheckpoint.LAST);
    }

    Path history() {
        return path.resolve("history.csv");
    }

    Path result() {
        return path.resolve("result.json");
    }

    Path log() {
        return path.resolve("train.log");
    }
}
