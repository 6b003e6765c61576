import { useMutation, useQueryClient } from '@tanstack/react-query';
import { actOnSimulation, deleteSimulation } from '../../api/simulations.ts';

/** Cancel, resume and delete; lists and reports follow. */
export function useSimulationActions() {
  const client = useQueryClient();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['simulations'] }), client.invalidateQueries({ queryKey: ['simulation'] })]);
  const cancel = useMutation({ mutationFn: (id: string) => actOnSimulation(id, 'cancel'), onSuccess: refresh });
  const resume = useMutation({ mutationFn: (id: string) => actOnSimulation(id, 'resume'), onSuccess: refresh });
  const remove = useMutation({ mutationFn: deleteSimulation, onSuccess: () => client.invalidateQueries({ queryKey: ['simulations'] }) });
  return { cancel, resume, remove, error: cancel.error ?? resume.error };
}
