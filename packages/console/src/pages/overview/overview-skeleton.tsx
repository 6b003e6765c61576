import { Panel } from '../../components/panel.tsx';
import { SkeletonRows } from '../../components/states.tsx';

/** The shape of the page before its numbers are there. */
export function OverviewSkeleton() {
  return (
    <>
      <Panel>
        <div className="h-[98px] p-4">
          <div className="skeleton h-full" />
        </div>
      </Panel>
      <Panel>
        <SkeletonRows rows={7} />
      </Panel>
      <Panel>
        <SkeletonRows rows={5} />
      </Panel>
    </>
  );
}
