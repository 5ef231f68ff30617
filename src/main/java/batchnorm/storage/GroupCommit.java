package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/// Runs works together: one transaction, one flush to disk, then the responses.
///
/// A work that throws changes nothing and hinders no other, and neither does one whose values the
/// database refuses. No work of a failed transaction is reported as done.
final class GroupCommit {
    private static final int ATTEMPTS = 5;

    private final Session.Source sessions;
    private final CommittedLayers committed;
    private final AtomicLong commits = new AtomicLong();

    GroupCommit(Session.Source sessions, CommittedLayers committed) {
        this.sessions = sessions;
        this.committed = committed;
    }

    /// Transactions that were committed.
    long commits() {
        return commits.get();
    }

    /// Answers every work, whatever happens.
    void run(List<CommitTask<?>> works) {
        try {
            attempt(works, ATTEMPTS);
        } catch (Throwable unexpected) {
            CommitOutcomeUnknown unknown = new CommitOutcomeUnknown(unexpected);
            works.forEach(work -> work.fail(unknown)); // but for those that were answered
        }
    }

    private void attempt(List<CommitTask<?>> works, int attemptsLeft) {
        try {
            Collection<LayerUnitOfWork> drafts = commit(works);
            committed.publish(drafts); // before the answers: a later read must see what they tell
            works.forEach(CommitTask::answer);
        } catch (SessionFailure failure) {
            recover(works, attemptsLeft - 1, failure);
        }
    }

    private void recover(List<CommitTask<?>> works, int attemptsLeft, SessionFailure failure) {
        switch (failure.remedy()) {
            case REPEAT -> {
                works.forEach(work -> work.names().forEach(committed::forget));
                if (attemptsLeft > 0) {
                    attempt(works, attemptsLeft);
                } else {
                    works.forEach(work -> work.fail(failure.told()));
                }
            }
            case SEPARATE -> {
                if (works.size() > 1) {
                    // By halves: one bad work among n costs log n commits, not n.
                    int half = works.size() / 2;
                    attempt(works.subList(0, half), ATTEMPTS);
                    attempt(works.subList(half, works.size()), ATTEMPTS);
                } else {
                    works.forEach(work -> work.fail(failure.told()));
                }
            }
            case ANSWER -> works.forEach(work -> work.fail(failure.told()));
        }
    }

    private Collection<LayerUnitOfWork> commit(List<CommitTask<?>> works) {
        try (Session session = sessions.open()) {
            List<LayerUnitOfWork> changed = save(works, session);
            if (!changed.isEmpty()) {
                session.commit();
                commits.incrementAndGet();
            }
            return changed;
        }
    }

    /// Everything before the commit, whose failure changes nothing.
    ///
    /// @return the layers that the works changed
    private static List<LayerUnitOfWork> save(List<CommitTask<?>> works, Session session) {
        try {
            List<LayerUnitOfWork> changed =
                    drafts(works, session).stream().filter(LayerUnitOfWork::isChanged).toList();
            if (!changed.isEmpty()) {
                session.save(changed);
            }
            return changed;
        } catch (SessionFailure failure) {
            throw failure;
        } catch (RuntimeException defect) {
            throw new SessionFailure(SessionFailure.Remedy.SEPARATE, defect);
        }
    }

    /// Runs the works in memory, in the order they came.
    ///
    /// @return what they made of the layers, in the order of their names
    private static Collection<LayerUnitOfWork> drafts(List<CommitTask<?>> works, Session session) {
        SortedMap<LayerName, LayerUnitOfWork> drafts = new TreeMap<>();
        SortedSet<LayerName> names = new TreeSet<>();
        works.forEach(work -> names.addAll(work.names()));
        Map<LayerName, StoredLayer> stored = session.begin(names);
        for (LayerName name : names) {
            StoredLayer before = stored.getOrDefault(name, StoredLayer.NOTHING);
            drafts.put(name, new LayerUnitOfWork(name, before, session));
        }
        works.forEach(work -> run(work, drafts));
        return drafts.values();
    }

    /// Runs one work; what it changed, of however many layers, counts only when it ends well.
    private static void run(CommitTask<?> work, Map<LayerName, LayerUnitOfWork> drafts) {
        Map<LayerName, LayerUnitOfWork.Attempt> attempts = new HashMap<>();
        for (LayerName name : work.names()) {
            attempts.put(name, Objects.requireNonNull(drafts.get(name)).attempt());
        }
        if (work.run(name -> Objects.requireNonNull(attempts.get(name), "not among its names"))) {
            attempts.values().forEach(LayerUnitOfWork.Attempt::accept);
        }
    }
}
