import { words } from '../format'
import type { Habit } from '../schema'

/** What habits of prompts are called, and what each is about: the rest of a sentence. */
export const HABITS: Record<Habit, readonly [name: string, meaning: string]> = {
  GOAL_EXPLICIT: ['Goal said', 'what is to be done or expected is said; asked of all arcs'],
  SCOPE_BOUNDED: [
    'Scope bounded',
    'what is to be touched, and what is not, is said; asked of all but questions',
  ],
  REFERENCES_CONCRETE: [
    'Concrete references',
    'a file, a line, a link or a function is named; asked of all arcs',
  ],
  CONTEXT_SUFFICIENT: [
    'Context given',
    'the error, the code or an example comes along; asked of all but small changes',
  ],
  VERIFICATION_REQUESTED: [
    'Check asked for',
    'a test or another check is asked for; asked of changes of code',
  ],
  ROOT_CAUSE_ORIENTED: [
    'Root cause',
    'the cause is asked for, not a patch; asked of investigations and bug fixes',
  ],
  PLAN_FIRST: [
    'Plan first',
    'it is planned or explored before it is changed; asked of features, refactorings, big fixes',
  ],
}

/** Addresses may name habits that there are not. */
export const habitName = (habit: string): string => HABITS[habit as Habit]?.[0] ?? words(habit)
