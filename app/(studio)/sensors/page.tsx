import { SensorsPage } from '@/components/sensors/sensors-page';

export const metadata = { title: 'Sensors' };

export default function Page() {
  return <SensorsPage />;
}
